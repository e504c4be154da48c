"""What ``make runserver`` calls: from an empty folder to a shop with demo data, then Django's own server."""

import logging
import socket
import sys
from io import StringIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.demo import PASSWORD
from payments.endpoint import provision
from shop.demo import accounts
from shop.models import Session

WELCOME = """
The shop is open: {url}/
The admin is at   {url}/{admin}

Sign in with the password {password} as
{accounts}

To try:
  * Put two places of a session into the cart, redeem FRESHSTART, and check out as a guest: the payment page is a
    stand-in for Stripe, where you choose whether the card is good. The confirmation mail appears below.
  * Look at a price as a guest, then signed in as a member. Type the code GARDENGATE at {url}/unlock/, and see a
    date that nobody else finds.
  * Sign in as the owner, look at the order in the admin, and mark one for the desk as paid.
  * Sign in as jonas@example.org and open {url}/door/: a session runs now, and some people are still to come. On a
    ticket's own page (open one from an order) he may let its holder in, too.
  * Switch JavaScript off, or make the window as narrow as a phone, and book again.

Ctrl-C stops the server. To begin anew, delete djangoapp/db.sqlite3 and djangoapp/media.
"""


def refuse_a_busy_port(address: str) -> None:
    """Say so before any work is done. Whoever takes the port in the meantime makes the server refuse."""
    host, _colon, port = address.rpartition(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except (OSError, ValueError, OverflowError) as problem:
            raise CommandError(
                f"Cannot serve on {address}: {problem}. Another port: make runserver PORT=8082"
            ) from problem


class Command(BaseCommand):
    help = "Prepare the database and the demo data of a laptop, then serve the shop."
    requires_system_checks = ()

    def add_arguments(self, parser) -> None:
        parser.add_argument("address", nargs="?", default="127.0.0.1:8081", help="host:port")

    def handle(self, *, address: str, **options) -> None:
        if not (settings.DEBUG and settings.ALLOW_DEMO_DATA):
            raise CommandError("This is for a laptop: run it with app.settings.local.")
        refuse_a_busy_port(address)
        self._migrate()
        self._load_demo()
        if settings.STRIPE_WEBHOOK_SECRET:
            provision()  # or whoever closes the page after paying, at the stand-in too, waits for their places
        self._welcome(address)
        # The server starts a second process, again whenever a file changes, with the words of this list.
        sys.argv[1:] = ["runserver", address]
        call_command("runserver", address)

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Bringing the database in step with the models …")
            call_command("migrate", verbosity=0)

    def _load_demo(self) -> None:
        """Load the demo once, and again when its last session has begun, which adds those to come."""
        if not Session.objects.upcoming().exists():
            self.stdout.write("Loading the demo data …")
            logging.disable(logging.INFO)  # every sale of the demo would tell of itself
            call_command("load_demo", stdout=StringIO())  # the welcome names its accounts
            logging.disable(logging.NOTSET)

    def _welcome(self, address: str) -> None:
        told = "\n".join(f"  {email:24} {what}" for email, what in accounts())
        self.stdout.write(
            WELCOME.format(
                url=f"http://{address}",
                admin=settings.ADMIN_URL,
                password=PASSWORD,
                accounts=told,
            )
        )
