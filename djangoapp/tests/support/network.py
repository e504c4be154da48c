"""Tests reach this machine and nothing else."""

import ipaddress
import socket
from collections.abc import Iterator

import pytest

_REAL_CONNECT = socket.socket.connect
_REAL_CONNECT_EX = socket.socket.connect_ex
_REAL_GETADDRINFO = socket.getaddrinfo


class NetworkForbidden(RuntimeError):
    """A test tried to leave this machine."""

    def __init__(self, host: object) -> None:
        super().__init__(
            f"A test tried to reach {host!r}. Tests talk to this machine only: "
            "start a stand-in on 127.0.0.1, or find out who calls out."
        )


def is_this_machine(host: object) -> bool:
    """Whether a host name or address means this machine; unresolved names other than localhost do not."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    try:
        # An IPv6 address may carry its interface after a percent sign.
        address = ipaddress.ip_address(name.split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _check(connection: socket.socket, address: object) -> None:
    if connection.family in (socket.AF_INET, socket.AF_INET6) and not is_this_machine(address[0]):
        raise NetworkForbidden(address[0])


def _connect(connection: socket.socket, address: object) -> None:
    _check(connection, address)
    return _REAL_CONNECT(connection, address)


def _connect_ex(connection: socket.socket, address: object) -> int:
    _check(connection, address)
    return _REAL_CONNECT_EX(connection, address)


def _getaddrinfo(host: object, *arguments: object, **options: object) -> list:
    if not is_this_machine(host):
        raise NetworkForbidden(host)
    return _REAL_GETADDRINFO(host, *arguments, **options)


@pytest.fixture(scope="session", autouse=True)
def closed_network() -> Iterator[None]:
    """Refuse every connection that leaves this machine, also from threads, for the whole run.

    The database driver opens its connection in C and is not watched: PostgreSQL may be elsewhere.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _connect)
        patch.setattr(socket.socket, "connect_ex", _connect_ex)
        patch.setattr(socket, "getaddrinfo", _getaddrinfo)
        yield
