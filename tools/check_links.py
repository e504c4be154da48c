"""Check that every relative link of the Markdown pages leads somewhere: to a file, and to its heading."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
FENCED_CODE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|(?:src|href)=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)


def main() -> None:
    broken = [problem for page in markdown_pages() for problem in broken_links(page)]
    if broken:
        sys.exit("\n".join(broken))


def markdown_pages() -> list[Path]:
    """The Markdown files that git knows, or would add."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = {ROOT / name for name in listing.stdout.split("\0") if name}
    return sorted(path for path in paths if path.exists())


def broken_links(page: Path) -> list[str]:
    problems = []
    prose = INLINE_CODE.sub("", FENCED_CODE.sub("", page.read_text(encoding="utf-8")))
    for match in LINK.finditer(prose):
        link = match[1] or match[2]
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue  # another site, or a mail address
        address, _, anchor = link.partition("#")
        target = (page.parent / unquote(address)).resolve() if address else page
        name = page.relative_to(ROOT)
        if not target.exists():
            problems.append(f"{name}: {link} leads nowhere")
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            problems.append(f"{name}: {link} names no heading")
    return problems


def anchors(page: Path) -> set[str]:
    """The anchors that the headings of a page get, by GitHub's rule."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCED_CODE.sub("", page.read_text(encoding="utf-8"))):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", text).strip().replace(" ", "-")
        number = 0
        while (candidate := f"{anchor}-{number}" if number else anchor) in found:
            number += 1
        found.add(candidate)
    return found


if __name__ == "__main__":
    main()
