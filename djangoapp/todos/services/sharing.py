"""Who shares a list. An invitation is an address and nothing more, until the person behind it agrees."""

import hashlib

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from core.mail import enqueue_mail, resend
from core.models import Mail, MailStatus
from todos.exceptions import InvitationGone, SharedWithOneself, TooManyPeople
from todos.models import Share, TodoItem, TodoList

MOST_PEOPLE = 20
MAIL_KINDS = ("todos_invitation", "todos_morning")


@transaction.atomic
def invite(todo_list: TodoList, email: str) -> Share:
    """Invite somebody to a list by their address. They get one mail, with or without an account.

    Repeating the call is harmless. Raises ``SharedWithOneself`` or ``TooManyPeople``.
    """
    email = email.strip().lower()
    todo_list = (
        TodoList.objects.select_for_update(of=["self"], no_key=True)
        .select_related("owner")
        .get(pk=todo_list.pk)
    )
    if email == todo_list.owner.email.lower():
        raise SharedWithOneself
    known = todo_list.shares.filter(email=email).first()
    if known is not None:
        return known
    if todo_list.shares.count() >= MOST_PEOPLE:
        raise TooManyPeople(MOST_PEOPLE)
    share = Share.objects.create(todo_list=todo_list, email=email)
    _write_invitation(share)
    return share


def _write_invitation(share: Share) -> None:
    """Queue the one letter of this list to this address, or once more when the last one was given up unsent."""
    digest = hashlib.sha256(share.email.encode()).hexdigest()[:32]
    key = f"todos-invitation:{share.todo_list_id}:{digest}"
    context = {"list_id": share.todo_list_id, "email": share.email}
    if not enqueue_mail("todos_invitation", to=share.email, dedupe_key=key, context=context):
        unsent = Mail.objects.filter(dedupe_key=key, status__in=[MailStatus.DROPPED, MailStatus.FAILED])
        for mail in unsent:
            resend(mail)


def invitations_for(user: User) -> QuerySet:
    """What this person was invited to and has not answered. Accounts sign in with a confirmed address only."""
    return Share.objects.filter(email=user.email.lower(), user=None, todo_list__deleted_at=None).exclude(
        todo_list__owner=user
    )


@transaction.atomic
def accept(share: Share, user: User) -> TodoList:
    """Share the list from now on. Safe to repeat, and for somebody who shares it already by another address.

    Raises ``InvitationGone`` when its owner took the invitation back.
    """
    _lock_list_of(share)
    invitation = Share.objects.filter(pk=share.pk, user=None)
    if Share.objects.filter(todo_list=share.todo_list_id, user=user).exists():
        invitation.delete()
    elif not invitation.update(user=user):
        raise InvitationGone
    return share.todo_list


def decline(share: Share) -> None:
    share.delete()


@transaction.atomic
def end_share(share: Share) -> None:
    """Stop sharing with somebody: what they had taken on is nobody's again. Safe to repeat."""
    # Whoever gives an item to somebody holds this lock too, and looks whether they still share the list.
    _lock_list_of(share)
    share = Share.objects.filter(pk=share.pk).first()
    if share is None:
        return
    if share.user_id is not None:
        TodoItem.objects.filter(todo_list=share.todo_list_id, assignee=share.user_id).update(assignee=None)
    share.delete()


def _lock_list_of(share: Share) -> None:
    """Wait for others who change this list; it may be gone by now, and its shares with it."""
    TodoList.objects.select_for_update(no_key=True).filter(pk=share.todo_list_id).first()


def people_of(todo_list: TodoList) -> QuerySet:
    """Everybody who sees the list: those who may take something on."""
    shared = Share.objects.filter(todo_list=todo_list, user__isnull=False).values("user")
    people = User.objects.filter(pk=todo_list.owner_id) | User.objects.filter(pk__in=shared)
    return people.order_by("first_name", "last_name", "pk")


@transaction.atomic
def let_go(user: User) -> None:
    """Prepare for an account that is deleted: lists that others share go to who has shared them longest.

    The person's other lists go with the account; so do invitations to their address, and mails about to-dos.
    """
    for todo_list in TodoList.objects.living().owned_by(user).select_for_update(no_key=True):
        heir = todo_list.shares.filter(user__is_active=True).order_by("pk").first()
        if heir is not None:
            todo_list.owner_id = heir.user_id
            todo_list.save(update_fields=["owner", "updated_at"])
            heir.delete()
    Share.objects.filter(email=user.email.lower(), user=None).delete()
    Mail.objects.filter(kind__in=MAIL_KINDS, to=user.email).delete()
