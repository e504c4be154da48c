"""How allauth speaks to our users: through the mail table, so that a slow mail server never breaks a page."""

import secrets

from allauth.account.adapter import DefaultAccountAdapter

from core.mail import enqueue_mail


class AccountAdapter(DefaultAccountAdapter):
    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Queue a mail of allauth's; its links are secret, so the row is wiped once it is sent."""
        message = self.render_mail(template_prefix, email, context)
        html = next(
            (part.content for part in getattr(message, "alternatives", []) if part.mimetype == "text/html"),
            "",
        )
        enqueue_mail(
            "account",
            to=email,
            dedupe_key=f"account:{secrets.token_hex(16)}",
            context={"subject": str(message.subject), "text": message.body, "html": html},
        )
