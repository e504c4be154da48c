"""A picture of every page, for people to look at: ``make screens``.

``states`` fills the shop, ``scenes`` lists the pages, ``take`` opens and photographs them. Then
``tools/contact_sheet.py`` lays the pictures out on one sheet. All of it is in ``screens/``, which git ignores.
"""

from pathlib import Path

PICTURES = Path(__file__).resolve().parents[3] / "screens"
