#!/usr/bin/env python
"""Django's command line, with the laptop's settings unless told otherwise."""

import os
import signal
import sys

if os.getpid() == 1:
    # The first process of a container ends at a signal only where it says how.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings.local")
    execute_from_command_line(sys.argv)
