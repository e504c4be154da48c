"""Letters from templates: ``NAME.txt`` gives subject (its first line) and text, ``NAME.html`` the pretty version.

The text extends ``email/base.txt``, which keeps the subject on one line: a name with a line break in it would
otherwise write a letter of its own.
"""

from django.conf import settings
from django.template.loader import render_to_string

from core.mail import Attachment, Letter


def letter(
    template: str, context: dict, attachments: list[Attachment] | None = None, *, stop_url: str = ""
) -> Letter:
    """Render both versions of a mail from ``template`` (a path without its ending).

    The templates find what is said of the attachments in ``notes``, and where to refuse such letters in ``stop_url``.
    """
    attachments = attachments or []
    notes = [file.note for file in attachments if file.note]
    frame = {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "notes": notes,
        "stop_url": stop_url,
        **context,
    }
    subject, _line, text = render_to_string(f"{template}.txt", frame).lstrip().partition("\n")
    frame["subject"] = subject.strip()
    return Letter(
        subject=subject.strip(),
        text=text.strip() + "\n",
        html=render_to_string(f"{template}.html", frame),
        attachments=attachments,
        stop_url=stop_url,
    )
