"""Add up what several runs of tests came to.

::

    python3 tools/sum_up.py test-results/summary.txt test-results/chart.xml test-results/cluster.xml

Reports are in JUnit's form, or the line that `make test` leaves. One that is not there was not run, and counts nothing.
"""

import re
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree


def of_summary(path: Path) -> Counter[str]:
    found = re.findall(r"(\d+) (passed|failed|skipped)", path.read_text())
    return Counter({name: int(number) for number, name in found})


def of_report(path: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    for suite in ElementTree.parse(path).getroot():
        found["failed"] += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        found["skipped"] += int(suite.get("skipped", 0))
        found["passed"] += int(suite.get("tests", 0))
    found["passed"] -= found["failed"] + found["skipped"]
    return found


def line(figures: Counter[str]) -> str:
    return f"{figures['passed']} passed, {figures['failed']} failed, {figures['skipped']} skipped"


def main(reports: list[str]) -> None:
    total: Counter[str] = Counter()
    print()
    for path in map(Path, reports):
        if path.exists():
            found = of_report(path) if path.suffix == ".xml" else of_summary(path)
            print(f"{path.name}: {line(found)}")
            total += found
    print(f"\nAll together:\n{line(total)}")


if __name__ == "__main__":
    main(sys.argv[1:])
