"""The hosted payment page: plain HTML without script or inline style, usable with one thumb."""

from datetime import UTC, datetime
from html import escape
from urllib.parse import parse_qs, urlsplit

from . import checkout
from .currencies import show
from .errors import ApiError
from .params import is_email

_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="{prefix}/_assets/standin.css">
</head>
<body>
<header class="test-mark"><strong>Test payment</strong> <span>No real money moves here.</span></header>
<main class="{width}">
{main}
</main>
</body>
</html>
"""

# What each button does: its path below the session's page, its label, its class, its explanation.
_BUTTONS = (
    ("pay", "Pay {total}", "button", "The card is accepted."),
    ("fail", "Fail", "button quiet", "The card is declined and you can try again."),
    ("later", "Pay later", "button quiet", "A bank transfer: the money arrives in some days."),
)


class Pages:
    """Shows a session and lets the visitor decide how its payment goes."""

    def __init__(self, core, commands, *, business_name, waits_for_webhook):
        self._core = core
        self._commands = commands
        self._business_name = business_name
        self._waits = waits_for_webhook

    def answer(self, method, prefix, path, body):
        """Status, headers and text for ``/pay/<id>`` and the buttons below it."""
        checkout_session_id, _, action = path.partition("/")
        with self._core.action(changes=False):
            checkout.expire_due(self._core)
            checkout_session = self._core.store.find("checkout.session", checkout_session_id)
        if checkout_session is None:
            return 404, {}, self._nothing_here(prefix)
        if method != "POST":
            return 200, _page_headers(checkout_session), self._page(checkout_session, prefix)
        if action in ("succeed", "default"):
            return self._settle(checkout_session, prefix, is_successful=action == "succeed")
        return self._attempt(checkout_session, prefix, action, body)

    def _attempt(self, checkout_session, prefix, action, body):
        act = {
            "pay": self._commands.pay,
            "fail": self._commands.decline,
            "later": self._commands.pay_later,
        }.get(action)
        if act is None:
            return 404, {}, self._nothing_here(prefix)
        email = parse_qs(body).get("email", [""])[0].strip()
        if (
            not checkout_session["customer_email"]
            and checkout_session["amount_total"]
            and not is_email(email)
        ):
            text = self._page(checkout_session, prefix, typed_email=email, is_email_wrong=True)
            return 422, _page_headers(checkout_session), text
        try:
            act(checkout_session["id"], email=email or None, wait=self._waits)
        except ApiError:
            # Another tab was quicker; the page says what became of the session.
            return _see_other(f"{prefix}/pay/{checkout_session['id']}")
        if action == "fail":
            return _see_other(f"{prefix}/pay/{checkout_session['id']}")
        return _see_other(success_url(checkout_session))

    def _settle(self, checkout_session, prefix, *, is_successful):
        try:
            self._commands.settle(checkout_session["id"], succeed=is_successful, wait=self._waits)
        except ApiError:
            return _see_other(f"{prefix}/pay/{checkout_session['id']}")
        return _see_other(success_url(checkout_session))

    def _page(self, checkout_session, prefix, typed_email="", is_email_wrong=False):
        if checkout_session["status"] == "open":
            return self._open_page(checkout_session, prefix, typed_email, is_email_wrong)
        if checkout_session["status"] == "expired":
            back = _link(checkout_session["cancel_url"], f"Back to {self._business_name}")
            return self._frame(
                prefix,
                "This payment page has expired",
                "<p>Nothing was charged. You can start again from the shop.</p>" + back,
            )
        if checkout.is_waiting_for_money(self._core, checkout_session):
            return self._waiting_page(checkout_session, prefix)
        onward = _link(success_url(checkout_session), f"Continue to {self._business_name}")
        if checkout_session["payment_status"] == "unpaid":
            return self._frame(
                prefix,
                "The money did not arrive",
                "<p>The bank returned the payment. Nothing was charged.</p>" + onward,
            )
        return self._frame(
            prefix,
            "This is paid already",
            f"<p>{escape(_total(checkout_session))} went to {escape(self._business_name)}, and nothing more"
            " will be charged.</p>" + onward,
        )

    def _open_page(self, checkout_session, prefix, typed_email, is_email_wrong):
        with self._core.store.lock:
            items = self._core.store.checkout_details[checkout_session["id"]]["line_items"]
            was_declined = self._was_declined(checkout_session)
            seconds_left = checkout_session["expires_at"] - self._core.now()
        total = _total(checkout_session)
        buttons = _BUTTONS
        if not checkout_session["amount_total"]:
            buttons = (("pay", "Complete the order", "button", "There is nothing to pay."),)
        parts = [
            f'<p class="small">{escape(self._business_name)}</p>',
            f"<h1>Pay {escape(total)}</h1>",
        ]
        if was_declined:
            parts.append(
                '<p class="notice bad" role="alert"><strong>Your card was declined.</strong> Nothing'
                " was charged. Try again, or leave.</p>"
            )
        parts.append(_items(items, checkout_session, total))
        parts.append(f'<form method="post" action="{prefix}/pay/{checkout_session["id"]}/pay">')
        parts.append(_email(checkout_session, typed_email, is_email_wrong))
        parts.append('<ul class="choices">')
        for action, label, look, meaning in buttons:
            parts.append(
                f'<li><button class="{look}" formaction="{prefix}/pay/{checkout_session["id"]}/{action}"'
                f' aria-describedby="about-{action}">{escape(label.format(total=total))}</button>'
                f'<span class="small" id="about-{action}">{escape(meaning)}</span></li>'
            )
        parts.append("</ul></form>")
        parts.append(_link(checkout_session["cancel_url"], "Leave without paying", "button plain"))
        parts.append(_expiry(checkout_session, seconds_left))
        return self._frame(prefix, f"Pay {total}", "\n".join(parts), has_heading=True)

    def _waiting_page(self, checkout_session, prefix):
        base = f"{prefix}/pay/{checkout_session['id']}"
        return self._frame(
            prefix,
            "The money is on its way",
            f"<p>{escape(_total(checkout_session))} was promised by bank transfer. On a real day this takes"
            " a while; here you decide.</p>"
            f'<form method="post" action="{base}/succeed"><ul class="choices">'
            '<li><button class="button">The money arrives</button></li>'
            f'<li><button class="button quiet" formaction="{base}/default">The money does not'
            " arrive</button></li></ul></form>"
            + _link(success_url(checkout_session), f"Continue to {self._business_name}", "button plain"),
        )

    def overview(self, prefix):
        """The newest sessions and what was sent about them: a small dashboard to look at."""
        with self._core.action(changes=False):
            checkout.expire_due(self._core)
            newest = [
                dict(checkout_session)
                for checkout_session, _ in zip(
                    self._core.store.newest_first("checkout.session"), range(25), strict=False
                )
            ]
        rows = [
            f'<tr><td><a href="{prefix}/pay/{checkout_session["id"]}">'
            f"{escape(checkout_session['client_reference_id'] or checkout_session['id'][-8:])}</a></td>"
            f"<td>{escape(_total(checkout_session))}</td>"
            f"<td>{checkout_session['status']}, {checkout_session['payment_status'].replace('_', ' ')}</td></tr>"
            for checkout_session in newest
        ]
        sent = [
            f"<tr><td>{escape(entry['type'])}</td><td>{entry['outcome']}</td>"
            f"<td>{escape(str(entry['status'] or entry['error'] or '–'))}</td></tr>"
            for entry in reversed(self._commands.deliveries(latest=25))
        ]
        return self._frame(
            prefix,
            "Stripe stand-in",
            "<p>It speaks Stripe's API for this shop's tests and demos.</p>"
            + _table("Payments", ("Reference", "Total", "State"), rows, "No payment yet.")
            + _table("Webhooks", ("Event", "Outcome", "Answer"), sent, "Nothing sent yet."),
            width="wide",
        )

    def not_found(self, prefix):
        return self._frame(prefix, "Page not found", "<p>There is nothing at this address.</p>")

    def _nothing_here(self, prefix):
        return self._frame(
            prefix,
            "No such payment",
            "<p>This payment page does not exist, or its test data was reset. Nothing was charged."
            " Start again from the shop.</p>",
        )

    def _was_declined(self, checkout_session):
        intent_id = checkout_session["payment_intent"]
        if not intent_id:
            return False
        return self._core.store.get("payment_intent", intent_id)["last_payment_error"] is not None

    def _frame(self, prefix, title, main, *, has_heading=False, width="narrow"):
        if not has_heading:
            main = f"<h1>{escape(title)}</h1>\n{main}"
        return _FRAME.format(title=escape(f"{title} – test payment"), prefix=prefix, main=main, width=width)


def success_url(checkout_session):
    return checkout_session["success_url"].replace("{CHECKOUT_SESSION_ID}", checkout_session["id"])


def _see_other(url):
    return 303, {"Location": url}, ""


def _page_headers(checkout_session):
    """The buttons' answers redirect to the shop, and browsers hold ``form-action`` against that."""
    origins = {
        f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
        for url in (checkout_session["success_url"], checkout_session["cancel_url"])
        if url
    }
    return {"form-action": " ".join(sorted(origins))}


def _total(checkout_session):
    return show(checkout_session["amount_total"], checkout_session["currency"])


def _link(url, label, look="button quiet"):
    if not url:
        return ""
    return f'<p><a class="{look}" href="{escape(url)}">{escape(label)}</a></p>'


def _items(items, checkout_session, total):
    rows = [
        f"<tr><td>{escape(item['description'])}"
        + (f' <span class="small">× {item["quantity"]}</span>' if item["quantity"] > 1 else "")
        + f"</td><td>{escape(show(item['amount_total'], checkout_session['currency']))}</td></tr>"
        for item in items
    ]
    return (
        '<table class="lines"><caption class="hidden">What is paid for</caption>'
        '<thead class="hidden"><tr><th scope="col">Item</th><th scope="col">Amount</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody>"
        f'<tfoot><tr><th scope="row">Total</th><td>{escape(total)}</td></tr></tfoot></table>'
    )


def _email(checkout_session, typed, is_wrong):
    if checkout_session["customer_email"]:
        return (
            '<p class="buyer"><span class="small">Receipt to</span>'
            f" {escape(checkout_session['customer_email'])}</p>"
        )
    error = (
        '<p class="error" id="email-error">Enter an e-mail address such as name@example.com.</p>'
        if is_wrong
        else ""
    )
    described = ' aria-invalid="true" aria-describedby="email-error" autofocus' if is_wrong else ""
    return (
        f'<p class="field"><label for="email">E-mail</label>'
        f'<input id="email" name="email" type="email" autocomplete="email" required'
        f' value="{escape(typed)}"{described}></p>{error}'
    )


def _expiry(checkout_session, seconds_left):
    until = datetime.fromtimestamp(checkout_session["expires_at"], UTC)
    minutes = max(seconds_left // 60, 0)
    left = f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
    return (
        f'<p class="small">This page is open for another {left}, until'
        f' <time datetime="{until.isoformat()}">{until:%H:%M} UTC</time>.</p>'
    )


def _table(caption, heads, rows, empty):
    if not rows:
        return f"<h2>{caption}</h2><p>{empty}</p>"
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        f"<h2>{caption}</h2>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table class="list">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )
