"""Print what CHANGELOG.md tells of a version, and refuse to release one that the files do not agree about.

::

    python3 tools/changelog.py 1.0.0
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def section(changelog: str, version: str) -> tuple[str, str]:
    """Return what stands behind the version in its heading (a date), and its text. Raises ``LookupError``."""
    heading = re.compile(rf"^## \[{re.escape(version)}\] – (.+)$", re.MULTILINE)
    found = heading.search(changelog)
    if not found:
        raise LookupError(f"CHANGELOG.md has no section [{version}].")
    rest = changelog[found.end() :]
    end = re.search(r"^## \[|^\[", rest, re.MULTILINE)
    return found[1].strip(), rest[: end.start() if end else len(rest)].strip()


def main(version: str) -> str:
    if (ROOT / "VERSION").read_text().strip() != version:
        return f"VERSION does not say {version}."
    chart = (ROOT / "djangohelm" / "Chart.yaml").read_text()
    for name, line in (("version", f"version: {version}"), ("appVersion", f'appVersion: "{version}"')):
        if line not in chart.splitlines():
            return f"The chart's {name} is not {version}."
    try:
        date, text = section((ROOT / "CHANGELOG.md").read_text(), version)
    except LookupError as problem:
        return str(problem)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", date):
        return f"CHANGELOG.md says that {version} is {date}: give it its date."
    print(text)
    return ""


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]) or None)
