"""Real servers on this machine: one that takes mail, one that keeps files, one that speaks as Redis does."""

import socket
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as default_policy

import boto3
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from fakeredis import TcpFakeServer
from moto.server import ThreadedMotoServer


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Mailbox:
    """An SMTP server and what it took in.

    ``answer`` replaces the reply to a message: "451 Try again later", "550 No such mailbox".
    A message that is not answered by 250 is not kept.
    """

    host: str
    port: int
    messages: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    answer: str = "250 Taken"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer.startswith("250"):
            self.envelopes.append(envelope)
            self.messages.append(BytesParser(policy=default_policy).parsebytes(envelope.content))
        return self.answer


@pytest.fixture
def smtp_server(settings) -> Iterator[Mailbox]:
    """A listening SMTP server that the project sends its mail through during the test."""
    mailbox = Mailbox("127.0.0.1", free_port())
    controller = Controller(mailbox, hostname=mailbox.host, port=mailbox.port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = mailbox.host
    settings.EMAIL_PORT = mailbox.port
    settings.EMAIL_USE_TLS = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield mailbox
    controller.stop()


@dataclass(frozen=True)
class ObjectStore:
    """A server that speaks S3's HTTP API and forgets everything after the test."""

    endpoint_url: str
    access_key: str = "test-access-key"
    secret_key: str = "test-secret-key"
    region_name: str = "eu-central-1"

    def client(self):
        """A boto3 client, for looking at what the project stored."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=self.region_name,
        )

    def make_bucket(self, name: str) -> str:
        self.client().create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": self.region_name}
        )
        return name

    def storage(self, bucket: str, backend: str = "storages.backends.s3.S3Storage") -> dict:
        """An entry of Django's STORAGES that keeps its files in the bucket."""
        return {
            "BACKEND": backend,
            "OPTIONS": {
                "bucket_name": bucket,
                "endpoint_url": self.endpoint_url,
                "access_key": self.access_key,
                "secret_key": self.secret_key,
                "region_name": self.region_name,
            },
        }


@pytest.fixture(scope="session")
def _object_store_process() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_server(_object_store_process: str) -> Iterator[ObjectStore]:
    """An empty S3 server. Buckets are made with ``s3_server.make_bucket("media")``."""
    yield ObjectStore(_object_store_process)
    reset = urllib.request.Request(f"{_object_store_process}/moto-api/reset", method="POST")
    urllib.request.urlopen(reset).close()


@pytest.fixture
def redis_port() -> Iterator[int]:
    """The port of an empty server that speaks Redis' protocol."""
    server = TcpFakeServer(("127.0.0.1", free_port()), server_type="redis")
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
