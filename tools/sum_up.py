"""Add further reports to the summary of `make test`, and print it.

::

    python3 tools/sum_up.py test-results/chart.xml test-results/cluster.xml

Reports are in JUnit's form. One that is not there was not run, and counts nothing.
"""

import re
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
SUMMARY = ROOT / "test-results" / "summary.txt"  # tools/run_tests.py writes it


def of_summary() -> Counter[str]:
    text = SUMMARY.read_text() if SUMMARY.exists() else ""
    return Counter({name: int(number) for number, name in re.findall(r"(\d+) (passed|failed|skipped)", text)})


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
    total = of_summary()
    print("\nmake test:", line(total))
    for path in map(Path, reports):
        if path.exists():
            found = of_report(path)
            print(f"{path.stem}:", line(found))
            total += found
    print(f"\nAll together:\n{line(total)}")


if __name__ == "__main__":
    main(sys.argv[1:])
