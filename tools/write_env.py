"""Write djangoapp/.env from .env.example with a fresh key, unless it is there already.

The file is the owner's alone: it holds the key that signs cookies and links.
"""

import base64
import os
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / ".env.example"
TARGET = ROOT / "djangoapp" / ".env"
EMPTY_KEY = "DJANGOAPP_FERNET_KEY=\n"


def main() -> None:
    if TARGET.exists():
        return
    example = EXAMPLE.read_text(encoding="utf-8")
    if example.count(EMPTY_KEY) != 1:
        raise SystemExit(f"{EXAMPLE.name} should have one line that says {EMPTY_KEY.strip()}")
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    descriptor = os.open(TARGET, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(example.replace(EMPTY_KEY, f"DJANGOAPP_FERNET_KEY={key}\n"))
    print(f"Wrote {TARGET.relative_to(ROOT)} with a fresh key.")


if __name__ == "__main__":
    main()
