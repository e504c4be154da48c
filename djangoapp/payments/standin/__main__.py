"""``python -m payments.standin``: the stand-in as a process of its own."""

import argparse
import os
import signal
import sys

from .server import RunningStandIn

SECRET_VARIABLE = "DJANGOAPP_STRIPE_WEBHOOK_SECRET"


def main():
    parser = argparse.ArgumentParser(
        prog="python -m payments.standin",
        description="Speak Stripe's API for tests and demos. No real money moves.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12112)
    parser.add_argument("--webhook", action="append", default=[], metavar="URL")
    parser.add_argument("--webhook-secret", help=f"signs the webhooks; default: ${SECRET_VARIABLE}")
    parser.add_argument("--events", default="*", help="types to send, separated by commas")
    parser.add_argument("--public-base", metavar="URL", help="where browsers reach the pages")
    parser.add_argument("--state", metavar="FILE", help="keep the state over restarts")
    parser.add_argument(
        "--no-redirect-wait",
        action="store_true",
        help="send buyers back without waiting for the webhook's answer",
    )
    options = parser.parse_args()
    secret = options.webhook_secret or os.environ.get(SECRET_VARIABLE)
    if options.webhook and not secret:
        parser.error(f"--webhook needs --webhook-secret or ${SECRET_VARIABLE}")
    standin = RunningStandIn(
        host=options.host,
        port=options.port,
        public_base=options.public_base,
        state_file=options.state,
        waits_for_webhook=not options.no_redirect_wait,
    )
    for url in options.webhook:
        standin.add_webhook(url, secret, options.events.split(","))
    # As the first process of a container it would not even notice that it is asked to end.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.stdout.write(f"Stripe stand-in at {standin.url} (any test key will do)\n")
    sys.stdout.flush()
    try:
        standin.wait()
    except KeyboardInterrupt:
        sys.stdout.write("Stopped.\n")
    finally:
        standin.close()


if __name__ == "__main__":
    main()
