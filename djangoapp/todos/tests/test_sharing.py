"""Sharing lists: invited by an address, agreed to by the person, ended by either, and what happens when one leaves."""

import json

import pytest
from django.core import mail as django_mail
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from accounts.services import delete_account
from accounts.tests.people import make_user
from core.mail import send_due_mails
from core.models import Mail, MailStatus
from todos.exceptions import SharedWithOneself, TooManyPeople
from todos.models import Preferences, Share, TodoItem, TodoList
from todos.services import lists, sharing
from todos.tests.factories import item_of, list_of, person, share_with, titles
from todos.tests.support import signed_in
from todos.views import sharing as views

pytestmark = pytest.mark.django_db

INDEX = reverse("todos:list_index")


def invite(client: Client, todo_list: TodoList, email: str):
    return client.post(reverse("todos:people", args=[todo_list.pk]), {"email": email}, follow=True)


def test_an_invitation_is_answered_by_the_person_it_names():
    ana, eva = person(), person("eva")
    garden = list_of(ana, "Rake leaves")

    invite(signed_in(ana), garden, " EVA@example.org ")
    with_eva = signed_in(eva)
    assertContains(with_eva.get(INDEX), "Ana would like to share the list “Garden” with you.")
    assert with_eva.get(garden.get_absolute_url()).status_code == 404
    response = with_eva.post(
        reverse("todos:invitation_answer", args=[Share.objects.get().pk]), {"answer": "accept"}
    )

    assertRedirects(response, garden.get_absolute_url())
    assert titles(TodoList.objects.seen_by(eva)) == ["Garden"]


def test_agreeing_twice_leads_to_the_list():
    eva = person("eva")
    garden = list_of(person())
    address = reverse("todos:invitation_answer", args=[sharing.invite(garden, eva.email).pk])
    browser = signed_in(eva)

    for _time in range(2):
        assertRedirects(browser.post(address, {"answer": "accept"}), garden.get_absolute_url())


def test_an_invitation_that_is_taken_back_this_moment_is_not_accepted(monkeypatch):
    eva = person("eva")
    share = sharing.invite(list_of(person()), eva.email)
    accept = sharing.accept

    def too_late(*args):
        sharing.end_share(share)
        return accept(*args)

    monkeypatch.setattr(sharing, "accept", too_late)
    response = signed_in(eva).post(
        reverse("todos:invitation_answer", args=[share.pk]), {"answer": "accept"}, follow=True
    )

    assertContains(response, "The invitation was taken back.")
    assert not Share.objects.exists()


def test_declining_leaves_nothing_behind():
    ana, eva = person(), person("eva")
    garden = list_of(ana)
    share = sharing.invite(garden, eva.email)

    response = signed_in(eva).post(
        reverse("todos:invitation_answer", args=[share.pk]), {"answer": "decline"}, follow=True
    )

    assertContains(response, "The invitation is declined.")
    assert not Share.objects.exists()


def test_nobody_answers_for_somebody_else():
    garden = list_of(person())
    share = sharing.invite(garden, "eva@example.org")

    response = signed_in(person("tom")).post(
        reverse("todos:invitation_answer", args=[share.pk]), {"answer": "accept"}
    )

    assert response.status_code == 404
    assert Share.objects.get().user is None


def test_the_answer_does_not_tell_whether_there_is_an_account():
    """Word for word the same page, but for the address."""
    person("eva")
    pages = []
    for number, email in enumerate(["eva@example.org", "nix@example.org"]):
        ana = person(f"ana{number}")
        garden = list_of(ana)
        text = invite(signed_in(ana), garden, email).content.decode()
        start, end = text.index("<main"), text.index("</main>")
        words = text[start:end].replace(email, "…").replace(f"Ana{number}", "Ana")
        tokens = [line for line in words.splitlines() if "csrfmiddlewaretoken" not in line]
        pages.append("\n".join(tokens).replace(f"/{garden.pk}/", "/1/"))

    assert pages[0] == pages[1]
    assert "… is invited. With an account, or as soon as there is one, the list can be opened." in pages[0]
    assert Mail.objects.filter(kind="todos_invitation").count() == 2


def test_an_invitation_waits_for_somebody_who_signs_up_later():
    garden = list_of(person(), "Rake leaves")
    sharing.invite(garden, "new@example.org")

    newcomer = make_user("New@example.org")

    assert list(sharing.invitations_for(newcomer)) == list(Share.objects.all())


@pytest.mark.django_db(transaction=True)
def test_the_mail_says_who_invites_and_not_what_the_list_is_called():
    ana = person()
    garden = list_of(ana, title="CHEAP WATCHES http://spam.example")

    sharing.invite(garden, "eva@example.org")

    [letter] = django_mail.outbox
    assert letter.to == ["eva@example.org"]
    assert letter.subject == "Ana would like to share a to-do list with you"
    assert "ana@example.org" in letter.body
    for text in (letter.body, letter.alternatives[0].content):
        assert "WATCHES" not in text
        assert "/todos/" in text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\u2028", "\x85"])
def test_no_name_writes_a_letter_of_its_own(line_break):
    ana = person()
    User.objects.update(first_name=f"Your parcel is held{line_break}{line_break}Pay")

    sharing.invite(list_of(ana), "eva@example.org")

    [letter] = django_mail.outbox
    assert letter.subject == "Your parcel is held Pay would like to share a to-do list with you"
    assert letter.body.startswith("Hello,\n")


def test_inviting_twice_writes_once_even_after_a_no():
    garden = list_of(person())

    for _time in range(2):
        share = sharing.invite(garden, "eva@example.org")
    sharing.decline(share)
    sharing.invite(garden, "EVA@example.org")

    assert Share.objects.count() == 1
    assert Mail.objects.filter(kind="todos_invitation").count() == 1


@pytest.mark.parametrize("is_tried_meanwhile", [False, True])
def test_whoever_is_invited_again_gets_the_letter_that_had_not_left(mailoutbox, is_tried_meanwhile):
    garden = list_of(person())
    sharing.end_share(sharing.invite(garden, "eva@example.org"))
    if is_tried_meanwhile:
        assert send_due_mails() == 0
        assert Mail.objects.get().status == MailStatus.DROPPED

    sharing.invite(garden, "eva@example.org")
    send_due_mails()

    assert [letter.to for letter in mailoutbox] == [["eva@example.org"]]


def test_one_does_not_invite_oneself_nor_everybody(monkeypatch):
    monkeypatch.setattr(sharing, "MOST_PEOPLE", 1)
    ana = person()
    garden = list_of(ana)

    with pytest.raises(SharedWithOneself):
        sharing.invite(garden, "ANA@example.org")
    sharing.invite(garden, "eva@example.org")
    with pytest.raises(TooManyPeople):
        sharing.invite(garden, "tom@example.org")
    assertContains(
        signed_in(ana).post(reverse("todos:people", args=[garden.pk]), {"email": ana.email}),
        "That is your own address",
        status_code=422,
    )


@pytest.mark.usefixtures("standing_clock")
def test_invitations_have_a_limit(monkeypatch):
    monkeypatch.setattr(views, "INVITATIONS", views.Limit("todo-invitations-test", times=2, minutes=60))
    ana = person()
    garden = list_of(ana)
    client = signed_in(ana)
    address = reverse("todos:people", args=[garden.pk])

    answers = [client.post(address, {"email": f"{n}@example.org"}).status_code for n in range(3)]

    assert answers == [302, 302, 429]


def test_stopping_to_share_frees_what_somebody_took_on():
    ana, eva = person(), person("eva")
    garden = list_of(ana)
    share = share_with(garden, eva)
    item_of(garden, assignee=eva)

    signed_in(ana).post(reverse("todos:share_remove", args=[garden.pk, share.pk]))

    assert TodoItem.objects.get().assignee is None
    assert signed_in(eva).get(garden.get_absolute_url()).status_code == 404


def test_whoever_shares_a_list_may_leave_it():
    ana, eva = person(), person("eva")
    garden = list_of(ana)
    share_with(garden, eva)

    response = signed_in(eva).post(reverse("todos:leave", args=[garden.pk]), follow=True)

    assertContains(response, "You have left “Garden”.")
    assert titles(TodoList.objects.seen_by(eva)) == []
    assert signed_in(ana).post(reverse("todos:leave", args=[garden.pk])).status_code == 404


def test_only_the_owner_sees_who_is_invited():
    ana, eva = person(), person("eva")
    garden = list_of(ana)
    share_with(garden, eva)
    sharing.invite(garden, "tom@example.org")
    address = reverse("todos:people", args=[garden.pk])

    assertContains(signed_in(ana).get(address), "tom@example.org")
    assertNotContains(signed_in(eva).get(address), "tom@example.org")


def test_two_addresses_of_one_person_are_one_share():
    ana, eva = person(), person("eva")
    garden = list_of(ana)
    share_with(garden, eva)
    former = sharing.invite(garden, "old@example.org")

    sharing.accept(former, eva)

    assert [share.user for share in Share.objects.all()] == [eva]


def test_a_shared_list_goes_to_who_shares_it_longest_when_its_owner_leaves():
    ana, eva, tom = person(), person("eva"), person("tom")
    garden, own = list_of(ana, "Rake leaves"), list_of(ana, "Diary", title="Own")
    share_with(garden, eva)
    share_with(garden, tom)
    item_of(garden, "By Ana", assignee=ana)
    Preferences.objects.create(user=ana)
    sharing.invite(list_of(tom, title="Tom’s"), ana.email)

    delete_account(ana)

    garden.refresh_from_db()
    assert garden.owner == eva
    assert [share.user for share in garden.shares.all()] == [tom]
    assert garden.items.get(title="By Ana").assignee is None
    assert not TodoList.objects.filter(pk=own.pk).exists()
    assert not Share.objects.filter(email=ana.email).exists()
    assert not Mail.objects.filter(to=ana.email).exists()


def test_an_invited_stranger_inherits_nothing():
    ana = person()
    garden = list_of(ana)
    sharing.invite(garden, "eva@example.org")

    delete_account(ana)

    assert not TodoList.objects.exists()


def test_invitations_to_a_deleted_list_are_not_shown():
    eva = person("eva")
    garden = list_of(person())
    sharing.invite(garden, eva.email)
    lists.delete_list(garden)

    assertNotContains(signed_in(eva).get(INDEX), "would like to share")


def test_personal_data_tell_one_s_own_lists_and_one_s_own_deeds():
    ana, eva = person(), person("eva")
    own = list_of(ana, "Rake leaves", title="Own")
    shared = list_of(eva, title="Eva’s")
    share_with(shared, ana)
    share_with(own, eva)
    item_of(shared, "Secret of Eva’s")
    item_of(shared, "Ana took it on", assignee=ana)

    told = json.loads(signed_in(ana).get(reverse("accounts:data")).getvalue())["todos"]

    assert told["lists"][0]["title"] == "Own"
    assert told["lists"][0]["items"][0]["title"] == "Rake leaves"
    assert told["lists"][0]["shared_with"] == ["eva@example.org"]
    assert told["shared_with_you"][0]["todo_list__title"] == "Eva’s"
    assert told["taken_on_in_shared_lists"][0]["title"] == "Ana took it on"
    assert "Secret of Eva’s" not in json.dumps(told)
