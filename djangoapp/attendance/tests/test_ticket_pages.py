"""The page of a ticket: the holder's, and the door's."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.tests.people import give_totp
from attendance.models import Entry, Ticket
from attendance.qr import address_of
from attendance.services import redeem, void
from attendance.tests.factories import door_staff, session_today, ticket_for
from attendance.tests.reading import codes_on, needs, pictures_of
from attendance.views import tickets
from core.limits import Limit
from shop.models import OrderLine
from shop.services import orders
from shop.services.changes import cancel_lines
from shop.tests.factories import SessionFactory, UserFactory, order_for, paid_order_for
from tests.support.pdf import pages_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket() -> Ticket:
    return ticket_for(session_today(project__title="Grafting apple trees"))


def page_of(client, ticket: Ticket) -> str:
    response = client.get(f"/tickets/{ticket.code}/")
    assert response.status_code == 200
    return response.content.decode()


# The holder's


def test_the_page_tells_who_what_when_and_where(client):
    tomorrow_noon = timezone.now().replace(hour=12) + timedelta(days=1)
    session = SessionFactory(project__title="Grafting apple trees", starts_at=tomorrow_noon)

    page = page_of(client, ticket_for(session))

    assert "Ana Keller 0" in page
    assert "Grafting apple trees" in page
    assert f"{session.local_start:%H:%M} – {session.local_end:%H:%M}" in page
    assert "(Zurich time)" in page
    assert "Workshop 2, Baumweg 3, Zürich" in page
    assert "Sign in to let people in" in page


def test_the_page_is_for_its_holder_alone(client, ticket):
    response = client.get(f"/tickets/{ticket.code}/")

    assert "noindex" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("code", ["A" * 26, "nonsense", "0"])
def test_another_code_opens_nothing(client, ticket, code):
    for address in (f"/tickets/{code}/", f"/tickets/{code}/ticket.pdf"):
        assert client.get(address).status_code == 404


def test_a_code_in_small_letters_opens_it_too(client, ticket):
    assert client.get(f"/tickets/{ticket.code.lower()}/").status_code == 200


def test_a_cancelled_ticket_says_so_and_shows_no_code(client, ticket):
    void([ticket.line])

    page = page_of(client, ticket)

    assert "This place was cancelled" in page
    assert "<figure" not in page
    assert client.get(f"/tickets/{ticket.code}/ticket.pdf").status_code == 404


def test_a_ticket_that_was_used_says_since_when(client, ticket):
    entry = redeem(ticket.code, session=ticket.line.session, by=None, nonce=None).entry

    page = page_of(client, ticket)

    assert f"You are in since {entry.arrived_at.astimezone(ticket.line.session.tz):%H:%M}" in page


def test_a_ticket_of_the_past_says_so(client, ticket):
    with time_machine.travel(ticket.line.session.ends_at + timedelta(minutes=1)):
        assert "This session is over." in page_of(client, ticket)


def test_names_are_shown_as_they_are_and_run_nothing(client, ticket):
    OrderLine.objects.update(attendee_first_name="<script>alert(1)</script>", attendee_last_name="علي")

    page = page_of(client, ticket)

    assert "&lt;script&gt;alert(1)&lt;/script&gt; علي" in page
    assert "<script>alert" not in page


def test_an_online_session_shows_its_link_to_who_has_a_good_ticket(client):
    online = session_today(place_name="", place_address="", online_url="https://meet.example.org/jam")
    ticket = ticket_for(online)

    assert "https://meet.example.org/jam" in page_of(client, ticket)

    void([ticket.line])
    assert "https://meet.example.org/jam" not in page_of(client, ticket)


def test_the_page_costs_the_same_whoever_looks(client, ticket, django_assert_max_num_queries):
    client.force_login(door_staff())
    redeem(ticket.code, session=ticket.line.session, by=None, nonce=None)
    page_of(client, ticket)

    with django_assert_max_num_queries(8):  # ticket, entry; visitor, profile, permissions, cart
        page_of(client, ticket)


# The door's


def let_in(client, ticket: Ticket, **more):
    return client.post(f"/tickets/{ticket.code}/redeem/", {"nonce": "one"} | more, follow=True)


def test_the_door_lets_the_holder_in_and_takes_it_back(client, ticket):
    dora = door_staff()
    client.force_login(dora)
    assert "Let Ana Keller 0 in" in page_of(client, ticket)

    page = let_in(client, ticket).content.decode()

    entry = Entry.objects.get()
    assert (entry.ticket, entry.recorded_by) == (ticket, dora)
    assert "Welcome, Ana Keller 0." in page
    assert "Already in" in page

    page = client.post(f"/tickets/{ticket.code}/undo/", follow=True).content.decode()

    assert "Ana Keller 0 is not in any more." in page
    assert "Let Ana Keller 0 in" in page


def test_the_entry_names_the_gate_that_the_telephone_remembers(client, ticket):
    client.force_login(door_staff())
    client.post("/door/gate/", {"gate": "Garden"})

    let_in(client, ticket)

    assert Entry.objects.get().gate == "Garden"


def test_pressing_twice_counts_once(client, ticket):
    client.force_login(door_staff())

    for _time in range(2):
        assert "Welcome, Ana Keller 0." in let_in(client, ticket).content.decode()

    assert Entry.objects.count() == 1


def test_the_page_gives_each_press_a_name_of_its_own(client, ticket):
    client.force_login(door_staff())

    names = {re.search(r'name="nonce" value="([^"]+)"', page_of(client, ticket))[1] for _time in range(2)}

    assert len(names) == 2


def test_the_host_lets_in_at_their_own_session_only(client):
    host = UserFactory()
    own, other = ticket_for(session_today(host=host)), ticket_for(session_today(), email="b@example.org")
    client.force_login(host)

    assert let_in(client, own).status_code == 200
    assert "Let Ana Keller 0 in" not in page_of(client, other)
    assert let_in(client, other).status_code == 403
    assert list(Entry.objects.values_list("ticket", flat=True)) == [own.pk]


@pytest.mark.parametrize("fields", [{}, {"is_staff": True}])
def test_nobody_else_lets_anybody_in(client, ticket, fields):
    client.force_login(UserFactory(**fields))

    assert "Let Ana Keller 0 in" not in page_of(client, ticket)
    assert let_in(client, ticket).status_code == 403
    assert client.post(f"/tickets/{ticket.code}/undo/").status_code == 403
    assert not Entry.objects.exists()


def test_staff_lets_in_behind_a_second_factor(client, ticket, settings):
    settings.ACCOUNTS_STAFF_NEED_SECOND_FACTOR = True
    dora = door_staff()
    client.force_login(dora)

    assert let_in(client, ticket).status_code == 403

    give_totp(dora)
    assert let_in(client, ticket).status_code == 200


# Paper


def test_the_order_links_to_its_tickets(client):
    order = paid_order_for((SessionFactory(), 2))
    first, second = Ticket.objects.of_order(order)

    page = client.get(order.get_absolute_url()).content.decode()

    assert f'href="/tickets/{first.code}/"' in page
    assert f'href="/tickets/{second.code}/"' in page
    assert f'href="/tickets/order/{order.code}/{order.token}/tickets.pdf"' in page
    assert "My tickets (PDF)" in page


def test_an_order_without_tickets_links_to_none(client):
    order = order_for((SessionFactory(), 1))

    assert "/tickets/" not in client.get(order.get_absolute_url()).content.decode()


def test_an_order_is_printed_with_a_page_for_each_good_ticket(client):
    order = paid_order_for((SessionFactory(project__title="Splitting shingles"), 3))
    cancel_lines(order, [order.lines.first()])

    response = client.get(f"/tickets/order/{order.code}/{order.token}/tickets.pdf")

    pages = pages_of(response.content)
    assert response["Content-Type"] == "application/pdf"
    assert ["Keller 1" in pages[0], "Keller 2" in pages[1]] == [True, True]
    assert len(pages) == 2
    assert all("Splitting shingles" in page and order.code in page for page in pages)


def test_the_papers_of_an_order_open_to_its_link_alone(client):
    order = paid_order_for((SessionFactory(), 1))
    other = paid_order_for((SessionFactory(), 1), email="b@example.org")

    for token in ("x" * len(order.token), other.token):
        assert client.get(f"/tickets/order/{order.code}/{token}/tickets.pdf").status_code == 404
    orders.cancel(order)
    assert client.get(f"/tickets/order/{order.code}/{order.token}/tickets.pdf").status_code == 404


def test_the_confirmation_brings_the_tickets(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        order = paid_order_for((SessionFactory(), 2))

    [letter] = [letter for letter in mail.outbox if "confirmed" in letter.subject]
    files = {name: content for name, content, _kind in letter.attachments}
    html = letter.alternatives[0].content
    assert set(files) == {f"tickets-{order.code}.pdf", f"{order.code}.ics"}
    assert len(pages_of(files[f"tickets-{order.code}.pdf"])) == 2
    for body in (letter.body, html):
        assert "Your tickets are attached." in body
        assert "The sessions are attached for your calendar." in body


def test_a_telephone_reads_the_code_on_paper(client, ticket, tmp_path):
    needs("zbarimg", "pdftoppm")

    response = client.get(f"/tickets/{ticket.code}/ticket.pdf")

    [page] = pictures_of(response.content, tmp_path)
    assert codes_on(page) == [address_of(ticket)]
    assert address_of(ticket) == f"http://127.0.0.1:8081/tickets/{ticket.code}/"


@pytest.mark.parametrize(
    ("title", "first", "last"),
    [
        ("Grafting apple trees " * 5, "Maximiliane-Alexandra " * 3, "von und zu Hohenlohe-Langenburg " * 2),
        ("تطعيم أشجار التفاح", "علي عبد الرحمن", "الحسيني"),
        ("W" * 120, "x" * 80, "y" * 80),
    ],
)
def test_however_long_the_words_the_code_stays_on_its_page(client, ticket, tmp_path, title, first, last):
    needs("zbarimg", "pdftoppm")
    project = ticket.line.session.project
    project.title = title[:120]
    project.save()
    OrderLine.objects.update(attendee_first_name=first[:80], attendee_last_name=last[:80])

    response = client.get(f"/tickets/{ticket.code}/ticket.pdf")

    pages = pictures_of(response.content, tmp_path)
    assert [codes_on(page) for page in pages] == [[address_of(ticket)]]


def test_tickets_are_drawn_with_a_few_statements(client, django_assert_max_num_queries):
    order = paid_order_for((SessionFactory(), 3))

    with django_assert_max_num_queries(4):  # the order, the limit, whether there are tickets, the tickets
        client.get(f"/tickets/order/{order.code}/{order.token}/tickets.pdf")


@pytest.mark.usefixtures("standing_clock")
def test_one_network_prints_no_more_than_anybody_needs(client, ticket, monkeypatch):
    monkeypatch.setattr(tickets, "PAPERS", Limit("ticket-papers", times=2, minutes=1))

    statuses = [client.get(f"/tickets/{ticket.code}/ticket.pdf").status_code for _time in range(3)]

    assert statuses == [200, 200, 429]
    assert client.get(f"/tickets/{ticket.code}/").status_code == 200


def test_codes_stay_out_of_the_logs(ticket, settings):
    secrets = settings.LOGGING["formatters"]["line"]["secrets"]
    line = f"GET /tickets/{ticket.code}/ 200"

    for secret in secrets:
        line = re.sub(secret, r"\1…", line)

    assert ticket.code not in line
    assert timezone.now() > ticket.issued_at
