"""Ask a shop that has just been rolled out whether it serves: the version, a page, its style sheet, a calendar.

::

    python3 tools/smoke.py https://shop.example.org [--commit ID]

Looks only; books nothing. Tries again for two minutes, since proxies learn late. Needs nothing but Python.
"""

import argparse
import json
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

PATIENCE_SECONDS = 120
PAUSE_SECONDS = 3


class NotWell(Exception):
    """Something is not as it should be."""


def ask(url: str) -> tuple[str, str]:
    """Return type and text of an answer of 200."""
    try:
        with urllib.request.urlopen(url, timeout=15) as answer:  # noqa: S310 - the address that was given
            return answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        raise NotWell(f"{url} answers {error.code}") from error
    except OSError as error:
        raise NotWell(f"{url} does not answer: {error}") from error


def look(base: str, commit: str) -> str:
    """Return what runs there. Raises ``NotWell``."""
    known = json.loads(ask(f"{base}/version")[1])
    if commit and known["commit"] != commit:
        raise NotWell(f"{known['commit'] or 'an unknown commit'} is running, not {commit}")
    _type, home = ask(f"{base}/")
    if "<h1" not in home:
        raise NotWell("the home page has no heading")
    style = re.search(r'<link rel="stylesheet" href="([^"]+)"', home)
    if not style or "css" not in ask(urllib.parse.urljoin(f"{base}/", style[1]))[0]:
        raise NotWell("the home page has no style")
    ask(f"{base}/sessions/")
    schema = ask(f"{base}/api/v1/sessions/")[0]
    if "json" not in schema:
        raise NotWell("the API does not answer as it should")
    return f"{known['version']} ({known['commit'][:12]})"


def main() -> int:
    parser = argparse.ArgumentParser(description="Ask a shop whether it serves.")
    parser.add_argument("url")
    parser.add_argument("--commit", default="", help="the id of the commit that should run there")
    options = parser.parse_args()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            print(f"{options.url} serves {look(options.url.rstrip('/'), options.commit)}.")
            return 0
        except NotWell as problem:
            if time.monotonic() > deadline:
                print(f"Not well: {problem}.", file=sys.stderr)
                return 1
            print(f"Not yet: {problem}.", flush=True)
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
