"""What is done once a night: tidying up, and looking whether everything adds up."""

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "Run the commands of settings.NIGHTLY_COMMANDS, one after the other. "
        "One that fails does not keep the others from running, and is named at the end."
    )

    def handle(self, *args, **options) -> None:
        failed = []
        for name, *arguments in settings.NIGHTLY_COMMANDS:
            self.stdout.write(f"{name}:")
            try:
                call_command(name, *arguments, stdout=self.stdout, stderr=self.stderr)
            except Exception as error:  # whatever it is, the others have their turn
                self.stderr.write(f"{name}: {error}")
                failed.append(name)
        if failed:
            raise CommandError(f"Look at {', '.join(failed)}: the lines above say what is wrong.")
