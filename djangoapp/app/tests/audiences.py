"""Who may open which address: one line for each, tried by every visitor and method in ``test_audiences.py``.

A new address adds its line here, or the tests fail. What the lines say::

    "shop:cart": everybody(GET),
    "shop:session_detail": everybody(GET, args=session_slug),
    "accounts:profile": signed_in(GET, POST),
    "blog:post_edit": own_post(GET, POST),                 # whose post it is; 404 for everybody else
    "studio:dashboard": staff(GET),                        # behind the second factor, see accounts.middleware

``shows`` and ``takes`` say what GET and an empty form are answered where that is not the usual.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.utils.timezone import localtime

from app.tests.world import ANONYMOUS, CUSTOMER, EVERYBODY, OWNER, STAFF, STRANGER, World

GET, POST, PUT, PATCH, DELETE = "GET", "POST", "PUT", "PATCH", "DELETE"
TO_SIGN_IN, UNKNOWN, FORBIDDEN, MISSING = 302, 401, 403, 404

Arguments = Callable[[World], tuple]


def nothing(_world: World) -> tuple:
    return ()


def these(*values) -> Arguments:
    """The same arguments in every world."""
    return lambda _world: values


@dataclass(frozen=True)
class Door:
    """One address: for whom it opens, by which methods, and what it answers."""

    visitors: tuple[str, ...]
    methods: tuple[str, ...]
    args: Arguments = nothing
    shows: tuple[int, ...] = (200,)
    takes: tuple[int, ...] = (200, 302, 303, 400, 404, 422)
    refuses: int = TO_SIGN_IN
    # Where those who are signed in are told something else than those who are not.
    refuses_anonymous: int | None = None
    # Where colleagues without the permission are told something else than those who do not work here.
    refuses_staff: int | None = None
    # Arguments that open to nobody, such as a link with another secret.
    forged: Arguments | None = None
    # Views of a library may know more methods than ours: what they do is not ours to forbid.
    is_library: bool = False

    def refusal(self, visitor: str) -> int:
        if visitor == ANONYMOUS and self.refuses_anonymous is not None:
            return self.refuses_anonymous
        if visitor == STAFF and self.refuses_staff is not None:
            return self.refuses_staff
        return self.refuses


def everybody(*methods: str, **more) -> Door:
    return Door(EVERYBODY, methods, **more)


def signed_in(*methods: str, **more) -> Door:
    return Door((CUSTOMER, STRANGER, STAFF, OWNER), methods, **more)


def own(*methods: str, **more) -> Door:
    """Opens for the customer, whose thing it is; for others there is no such thing."""
    return Door((CUSTOMER,), methods, refuses=MISSING, **more)


def writers(*methods: str, **more) -> Door:
    """Opens for members and staff; who is signed in and neither is refused."""
    visitors = (CUSTOMER, STAFF, OWNER)
    return Door(visitors, methods, refuses=FORBIDDEN, refuses_anonymous=TO_SIGN_IN, **more)


def own_post(*methods: str, **more) -> Door:
    """Opens for the author, and for editors, of whom the owner is one; for others there is no such post."""
    visitors = (CUSTOMER, OWNER)
    return Door(visitors, methods, args=post_slug, refuses=MISSING, refuses_anonymous=TO_SIGN_IN, **more)


def own_todo(*methods: str, of: str, **more) -> Door:
    """Opens for the customer; for others, staff among them, there is no such list or item. ``of`` names it."""
    return own(*methods, args=lambda world: (getattr(world, of).pk,), refuses_anonymous=TO_SIGN_IN, **more)


def with_token(*methods: str, **more) -> Door:
    """Opens for programs with a token, which ``test_api.py`` tries. Being signed in in a browser opens nothing."""
    return Door((), methods, refuses=UNKNOWN, **more)


def staff(*methods: str, **more) -> Door:
    return Door((STAFF, OWNER), methods, **more)


def bookkeepers(*methods: str, **more) -> Door:
    """Opens for whoever may see the books: of the visitors, the owner. Colleagues are refused, others led away."""
    return Door((OWNER,), methods, refuses_staff=FORBIDDEN, **more)


def library(door: Callable[..., Door], *methods: str, **more) -> Door:
    return door(*methods, is_library=True, **more)


def session_slug(world: World) -> tuple:
    return (world.session.slug,)


def session_number(world: World) -> tuple:
    return (world.session.pk,)


def project_slug(world: World) -> tuple:
    return (world.session.project.slug,)


def poll_slug(world: World) -> tuple:
    return (world.poll.slug,)


def order_code(world: World) -> tuple:
    return (world.order.code,)


def token_number(world: World) -> tuple:
    return (world.token.pk,)


def post_slug(world: World) -> tuple:
    return (world.post.slug,)


def draft_link(world: World) -> tuple:
    return (world.draft.pk, world.draft.token)


def forged_draft_link(world: World) -> tuple:
    return (world.draft.pk, "x" * len(world.draft.token))


def post_author(world: World) -> tuple:
    return (world.post.author_id,)


def post_month(world: World) -> tuple:
    published = localtime(world.post.publish_at)
    return (published.year, published.month)


def share_of_list(world: World) -> tuple:
    return (world.todo_list.pk, world.share.pk)


def todo_feed_link(world: World) -> tuple:
    return (world.todo_feed.user_id, world.todo_feed.feed_token)


def forged_todo_feed_link(world: World) -> tuple:
    return (world.people[STRANGER].pk, world.todo_feed.feed_token)


def order_link(world: World) -> tuple:
    return (world.order.code, world.order.token)


def paid_order_link(world: World) -> tuple:
    return (world.paid_order.code, world.paid_order.token)


def invoice_link(world: World) -> tuple:
    return (*paid_order_link(world), world.invoice.number)


def forged_invoice_link(world: World) -> tuple:
    return (world.order.code, world.order.token, world.invoice.number)


def forged_link(world: World) -> tuple:
    return (world.order.code, "x" * len(world.order.token))


def linked(*methods: str, **more) -> Door:
    """Opens for whoever has the order's link."""
    return everybody(*methods, **{"args": order_link, "forged": forged_link} | more)


def ticket_code(world: World) -> tuple:
    return (world.ticket.code,)


def ticketed(*methods: str, **more) -> Door:
    """Opens for whoever has the ticket's link."""
    return everybody(*methods, args=ticket_code, forged=these("A" * 26), **more)


def at_door(*methods: str, **more) -> Door:
    """Opens for who checks people in, of whom the owner is one; not for all staff."""
    return Door((OWNER,), methods, refuses=FORBIDDEN, refuses_anonymous=TO_SIGN_IN, **more)


def full_session_slug(world: World) -> tuple:
    return (world.waiting_entry.session.slug,)


def waiting_link(world: World) -> tuple:
    return (world.waiting_entry.pk, world.waiting_entry.token)


def forged_waiting_link(world: World) -> tuple:
    return (world.waiting_entry.pk, "x" * len(world.waiting_entry.token))


def waiting(*methods: str, **more) -> Door:
    """Opens for whoever has the link of an entry of a waiting list."""
    return everybody(*methods, **{"args": waiting_link, "forged": forged_waiting_link} | more)


AUDIENCES = {
    "home": everybody(GET),
    "robots": everybody(GET),
    "version": everybody(GET),
    "media": everybody(GET, args=these("blog/no-such.webp"), shows=(404,)),
    "favicon": everybody(GET, shows=(302,)),
    "manifest": library(everybody, GET),
    "styleguide": everybody(GET, shows=(404,)),  # for developers, on their own machines
    "sitemap": everybody(GET),
    "sitemap_part": everybody(GET, args=these("sessions"), forged=these("orders")),
    "terms": library(everybody, GET),
    "privacy": library(everybody, GET),
    # The shop
    "shop:session_list": everybody(GET),
    "shop:feed": everybody(GET),
    "shop:session_detail": everybody(GET, args=session_slug, forged=these("no-such-session")),
    "shop:session_ics": everybody(GET, args=session_slug, forged=these("no-such-session")),
    "shop:project_list": everybody(GET),
    "shop:project_detail": everybody(GET, args=project_slug, forged=these("no-such-project")),
    "shop:unlock": everybody(GET, POST),
    "shop:cart": everybody(GET),
    "shop:cart_add": everybody(POST),
    "shop:cart_set": everybody(POST),
    "shop:cart_extend": everybody(POST),
    "shop:coupon_redeem": everybody(POST),
    "shop:coupon_drop": everybody(POST),
    "shop:checkout": everybody(GET, POST, shows=(200, 302)),
    "shop:order_find": everybody(GET, POST),
    "shop:order_find_asked": everybody(GET),
    "shop:order_detail": linked(GET),
    "shop:order_return": linked(GET, shows=(302,)),
    "shop:order_status": linked(GET, shows=(302,)),
    "shop:order_pay": linked(POST),
    "shop:order_cancel": linked(GET, POST),
    "shop:order_again": linked(POST),
    "shop:order_letters": linked(GET, POST),
    "shop:order_invoice": linked(GET, args=paid_order_link),
    "shop:order_invoices": linked(GET, args=paid_order_link),
    "shop:order_invoice_numbered": linked(GET, args=invoice_link, forged=forged_invoice_link),
    "shop:order_give_up": linked(GET, POST, args=paid_order_link),
    "shop:order_move": linked(GET, POST, args=paid_order_link, shows=(200, 302)),
    "shop:order_names": linked(GET, POST, args=paid_order_link),
    "shop:order_ask": linked(GET, POST, args=paid_order_link, shows=(200, 302)),
    "shop:order_ask_withdraw": linked(POST, args=paid_order_link),
    "shop:order_ics": linked(GET, args=paid_order_link),
    "shop:bookings": signed_in(GET),
    "shop:waiting_join": everybody(GET, POST, args=full_session_slug, forged=these("no-such-session")),
    "shop:waiting_entry": waiting(GET),
    "shop:waiting_take": waiting(GET, shows=(302,)),
    "shop:waiting_leave": waiting(POST),
    # Tickets
    "tickets:ticket": ticketed(GET),
    "tickets:pdf": ticketed(GET),
    "tickets:redeem": at_door(POST, args=ticket_code, takes=(302,)),
    "tickets:undo": at_door(POST, args=ticket_code, takes=(302,)),
    "tickets:order": linked(GET, args=paid_order_link),
    "table:index": everybody(GET),
    "table:create": with_token(POST),
    "table:day": with_token(GET, args=these("today")),
    # Polls
    "polls:poll_list": everybody(GET),
    "polls:poll_detail": everybody(GET, args=poll_slug, forged=these("no-such-poll")),
    "polls:vote": everybody(POST, args=poll_slug, forged=these("no-such-poll")),
    # To-dos
    "todos:list_index": signed_in(GET),
    "todos:list_add": signed_in(POST, takes=(422,)),
    "todos:reminders": signed_in(GET, POST),
    "todos:feed_change": signed_in(POST),
    "todos:feed": everybody(GET, args=todo_feed_link, forged=forged_todo_feed_link),
    "todos:invitation_answer": own_todo(POST, of="invitation", takes=(302,)),
    "todos:list_detail": own_todo(GET, of="todo_list"),
    "todos:list_rename": own_todo(GET, POST, of="todo_list"),
    "todos:list_delete": own_todo(POST, of="todo_list", takes=(302,)),
    "todos:list_restore": own_todo(POST, of="deleted_list", takes=(302,)),
    "todos:people": own_todo(GET, POST, of="todo_list", takes=(422,)),
    "todos:share_remove": own(POST, args=share_of_list, takes=(302,), refuses_anonymous=TO_SIGN_IN),
    "todos:leave": own_todo(POST, of="shared_list", takes=(302,)),
    "todos:item_add": own_todo(POST, of="todo_list", takes=(422,)),
    "todos:item_edit": own_todo(GET, POST, of="todo", takes=(422,)),
    "todos:item_done": own_todo(POST, of="todo", takes=(302,)),
    "todos:item_move": own_todo(POST, of="todo", takes=(302,)),
    "todos:item_delete": own_todo(POST, of="todo", takes=(302,)),
    "todos:item_restore": own_todo(POST, of="deleted_todo", takes=(302,)),
    # The door
    "door:home": at_door(GET),
    "door:gate": at_door(POST, takes=(302,)),
    "door:session": at_door(GET, args=session_number),
    "door:scan": at_door(POST, args=session_number, takes=(302,)),
    "door:walk_in": at_door(POST, args=session_number, takes=(422,)),
    "door:undo": at_door(POST, args=lambda world: (world.entry.pk,), takes=(302,)),
    "door:kept": at_door(GET, args=session_number),
    "door:news": at_door(GET, args=session_number),
    "door:shell": at_door(GET),
    "door:worker": everybody(GET),
    "door:manifest": everybody(GET),
    "door:sheets": at_door(GET),
    "door:sheet_csv": at_door(GET),
    "door:sheet_xlsx": at_door(GET),
    "door:show_rates": at_door(GET),
    "door:sign_in_sheet": at_door(GET, args=session_number),
    # The blog, and pages that show it beside the shop
    "search": everybody(GET),
    "blog:post_list": everybody(GET),
    "blog:feed_rss": everybody(GET),
    "blog:feed_atom": everybody(GET),
    "blog:post_detail": everybody(GET, args=post_slug, forged=these("no-such-post")),
    "blog:post_draft": everybody(GET, args=draft_link, forged=forged_draft_link),
    "blog:tag": everybody(GET, args=lambda world: (world.post.tags.get().slug,), forged=these("no-such-tag")),
    "blog:author": everybody(GET, args=post_author, forged=these(10**30)),
    "blog:month": everybody(GET, args=post_month, forged=these(2001, 13)),
    "blog:my_posts": signed_in(GET),
    "blog:post_new": writers(GET, POST),
    "blog:preview": writers(POST),
    "blog:post_edit": own_post(GET, POST),
    "blog:post_delete": own_post(GET, POST),
    "blog:post_publish": own_post(POST),
    "blog:post_unpublish": own_post(POST),
    # Payment: Stripe signs what it sends
    "payments:webhook": library(everybody, POST, takes=(400,)),
    "payments:webhook_by_uuid": library(everybody, POST, args=these(UUID(int=0)), takes=(400,)),
    # One's own account
    "accounts:profile": signed_in(GET, POST),
    "accounts:membership": signed_in(POST),
    "accounts:data": signed_in(GET),
    "accounts:delete": signed_in(GET, POST, shows=(302,)),
    "accounts:token_list": signed_in(GET),
    "accounts:token_new": signed_in(GET, POST, shows=(302,)),
    "accounts:token_revoke": own(GET, POST, args=token_number, refuses_anonymous=TO_SIGN_IN),
    # Pages for staff
    "studio:dashboard": staff(GET),
    "studio:reports": bookkeepers(GET),
    "studio:report_csv": bookkeepers(GET, args=these("tax")),
    "studio:report_xlsx": bookkeepers(GET, args=these("tax")),
    "studio:statement": bookkeepers(GET),
    "studio:statement_fetch": bookkeepers(POST),
    "studio:integrity": bookkeepers(GET),
    "studio:integrity_check": bookkeepers(POST),
    "health_details": staff(GET),
    # The API
    "api:docs": everybody(GET),
    "api:schema": everybody(GET),
    "api:unknown": library(everybody, GET, args=these("v1/nonsense/"), shows=(404,)),
    "api:project_list": everybody(GET),
    "api:project_detail": everybody(GET, args=project_slug, forged=these("no-such-project")),
    "api:session_list": everybody(GET),
    "api:session_detail": everybody(GET, args=session_slug, forged=these("no-such-session")),
    "api:order_list": with_token(GET),
    "api:order_detail": with_token(GET, args=order_code),
    "api:post_list": everybody(GET, POST, takes=(401,)),  # writing asks for a token
    "api:post_detail": everybody(GET, PATCH, DELETE, args=post_slug, takes=(401,)),
    "api:poll_list": everybody(GET),
    "api:poll_detail": everybody(GET, args=poll_slug, forged=these("no-such-poll")),
    "api:vote": with_token(PUT, args=poll_slug),
    "api:attendance": with_token(GET),
    "api:checkins": with_token(GET, POST),
    "api:walk_ins": with_token(POST),
    "api:undo": with_token(POST, args=these(1)),
    "api:me": with_token(GET, PATCH),
    # Signing in and what belongs to it. Whoever is signed in, or is not on the way, is led elsewhere.
    "account_login": library(everybody, GET, POST, shows=(200, 302)),
    "account_logout": library(everybody, GET, POST, shows=(200, 302)),
    "account_inactive": library(everybody, GET),
    "account_signup": library(everybody, GET, POST, shows=(200, 302)),
    "account_reauthenticate": library(signed_in, GET, POST),
    "account_email": library(signed_in, GET, POST),
    "account_email_verification_sent": library(everybody, GET),
    "account_confirm_email": library(everybody, GET, POST, args=these("nonsense")),
    "account_change_password": library(signed_in, GET, POST),
    "account_set_password": library(signed_in, GET, POST, shows=(302,)),
    "account_reset_password": library(everybody, GET, POST),
    "account_reset_password_done": library(everybody, GET),
    "account_reset_password_from_key": library(everybody, GET, POST, args=these("1", "nonsense")),
    "account_reset_password_from_key_done": library(everybody, GET),
    "account_confirm_login_code": library(everybody, GET, POST, shows=(302,)),
    "mfa_index": library(signed_in, GET),
    "mfa_authenticate": library(everybody, GET, POST, shows=(302,)),
    "mfa_reauthenticate": library(signed_in, GET, POST, shows=(302,)),
    "mfa_activate_totp": library(signed_in, GET, POST, shows=(302,)),
    "mfa_deactivate_totp": library(signed_in, GET, POST, shows=(404,)),
    "mfa_view_recovery_codes": library(signed_in, GET, shows=(302, 404)),
    "mfa_generate_recovery_codes": library(signed_in, GET, POST, shows=(302,)),
    "mfa_download_recovery_codes": library(signed_in, GET, shows=(302, 404)),
    "mfa_list_webauthn": library(signed_in, GET),
    "mfa_add_webauthn": library(signed_in, GET, POST, shows=(302,)),
    "mfa_edit_webauthn": library(signed_in, GET, POST, args=these(1), shows=(302,)),
    "mfa_remove_webauthn": library(signed_in, GET, POST, args=these(1), shows=(302,)),
    "mfa_reauthenticate_webauthn": library(signed_in, GET, POST, shows=(302,)),
    "mfa_login_webauthn": library(everybody, GET, POST, shows=(302,)),
    "google_login": library(everybody, GET, POST, shows=(200, 302)),
    "google_callback": library(everybody, GET, POST, shows=(401,), takes=(401,)),
    "google_login_by_token": library(everybody, POST, takes=(401,)),
    "socialaccount_connections": library(signed_in, GET, POST),
    "socialaccount_login_cancelled": library(everybody, GET),
    "socialaccount_login_error": library(everybody, GET, shows=(401,)),
    "socialaccount_signup": library(everybody, GET, POST, shows=(302,)),
    "account/social/login/cancelled/": library(everybody, GET, shows=(301,)),
    "account/social/login/error/": library(everybody, GET, shows=(301,)),
    "account/social/signup/": library(everybody, GET, shows=(301,)),
    "account/social/connections/": library(everybody, GET, shows=(301,)),
}
