from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.services import remove_second_factors


class Command(BaseCommand):
    help = "Let somebody who lost telephone, keys and recovery codes sign in with the password alone again."

    def add_arguments(self, parser) -> None:
        parser.add_argument("email", help="the address by which they sign in")

    def handle(self, *, email: str, **options) -> None:
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(f"Nobody signs in by {email}.")
        removed = remove_second_factors(user)
        self.stdout.write(f"Removed {removed}. All sessions of {user.email} have ended.")
