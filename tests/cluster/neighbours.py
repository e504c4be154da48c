"""The shop's neighbours, in one pod made of the shop's own image: somebody who speaks Stripe's API, and a mail server.

Stripe's notifications arrive as they would behind the proxy that ends TLS. Each mail is told in a line of the log.
"""

import argparse
import email
import email.policy
import os
import socketserver
import sys
import threading

from payments.standin import deliveries
from payments.standin.server import RunningStandIn


class Mail(socketserver.StreamRequestHandler):
    """Takes every mail: just enough of SMTP for Django."""

    def handle(self):
        self.say("220 neighbours")
        recipients = []
        while line := self.rfile.readline():
            verb = line.decode(errors="replace").strip().upper()
            if verb.startswith("RCPT TO:"):
                recipients.append(line.decode().strip()[8:].strip("<> "))
            if verb == "DATA":
                self.say("354 go on")
                told = email.message_from_bytes(self.read_mail(), policy=email.policy.default)
                sys.stdout.write(f"mail for {','.join(recipients)}: {told['subject']}\n")
                sys.stdout.flush()
                recipients = []
            if verb == "QUIT":
                self.say("221 goodbye")
                return
            self.say("250 fine")

    def read_mail(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()).rstrip(b"\r\n") != b".":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def behind_a_proxy(host: str) -> None:
    """Let notifications carry what the proxy before the shop would add."""
    exchange = deliveries.Sender._exchange

    def forwarded(connection, path, body, headers):
        added = {"Host": host, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
        return exchange(connection, path, body, headers | added)

    deliveries.Sender._exchange = staticmethod(forwarded)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--shop", required=True, help="where the shop answers within the cluster")
    parser.add_argument("--host", required=True, help="the shop's name")
    parser.add_argument("--public", required=True, help="where buyers reach the payment page")
    options = parser.parse_args()
    behind_a_proxy(options.host)
    mails = MailServer(("0.0.0.0", 1025), Mail)
    threading.Thread(target=mails.serve_forever, daemon=True).start()
    stripe = RunningStandIn(host="0.0.0.0", port=12112, public_base=options.public)
    stripe.add_webhook(f"{options.shop}/stripe/webhook/", os.environ["WEBHOOK_SECRET"])
    sys.stdout.write("The neighbours are in.\n")
    sys.stdout.flush()
    stripe.wait()


if __name__ == "__main__":
    main()
