"""What the addresses of the shop are about, and who visits them, for tests that try all of them."""

from functools import cached_property

from accounts.models import ApiToken, TokenScope, User
from accounts.tokens import make_token
from attendance.models import Entry, Ticket
from attendance.services import walk_in
from blog.models import Post
from blog.tests.factories import draft, tagged
from polls.models import Poll
from polls.tests.factories import PollFactory
from shop.models import Invoice, Order, Session, WaitingEntry
from shop.services.invoices import bring_up_to_date
from shop.tests.factories import SessionFactory, UserFactory, member, order_for, paid_order_for
from shop.tests.queues import full_session, wait_for
from todos.models import Preferences, Share, TodoItem, TodoList
from todos.services import items, lists, reminders, sharing
from todos.tests.factories import item_of, list_of

ANONYMOUS, CUSTOMER, STRANGER, STAFF, OWNER = "anonymous", "customer", "stranger", "staff", "owner"
EVERYBODY = (ANONYMOUS, CUSTOMER, STRANGER, STAFF, OWNER)


class World:
    """All of it, made when asked for. The customer, a member, is who owns things; the stranger is signed in, too."""

    @cached_property
    def people(self) -> dict[str, User]:
        return {
            CUSTOMER: member(),
            STRANGER: UserFactory(),
            STAFF: UserFactory(is_staff=True),
            OWNER: UserFactory(is_staff=True, is_superuser=True),
        }

    @cached_property
    def session(self) -> Session:
        return SessionFactory()

    @cached_property
    def order(self) -> Order:
        return order_for((self.session, 1), user=self.people[CUSTOMER])

    @cached_property
    def paid_order(self) -> Order:
        return paid_order_for((self.session, 1), user=self.people[CUSTOMER])

    @cached_property
    def invoice(self) -> Invoice:
        return bring_up_to_date(self.paid_order)[0]

    @cached_property
    def ticket(self) -> Ticket:
        return Ticket.objects.get(line__order=self.paid_order)

    @cached_property
    def waiting_entry(self) -> WaitingEntry:
        return wait_for(full_session())

    @cached_property
    def entry(self) -> Entry:
        return walk_in(self.session, "Uwe", "Bär").entry

    @cached_property
    def token(self) -> ApiToken:
        return make_token(self.people[CUSTOMER], name="Calendar", scope=TokenScope.READ)[0]

    @cached_property
    def poll(self) -> Poll:
        return PollFactory()

    @cached_property
    def post(self) -> Post:
        return tagged("bees", author=self.people[CUSTOMER])

    @cached_property
    def draft(self) -> Post:
        return draft(author=self.people[CUSTOMER])

    @cached_property
    def todo_list(self) -> TodoList:
        return list_of(self.people[CUSTOMER])

    @cached_property
    def deleted_list(self) -> TodoList:
        todo_list = list_of(self.people[CUSTOMER], title="Deleted")
        lists.delete_list(todo_list)
        return todo_list

    @cached_property
    def todo(self) -> TodoItem:
        return item_of(self.todo_list)

    @cached_property
    def deleted_todo(self) -> TodoItem:
        item = item_of(self.todo_list)
        items.delete_item(item)
        return item

    @cached_property
    def shared_list(self) -> TodoList:
        """A list of somebody who never comes here, which the customer shares."""
        todo_list = list_of(UserFactory(), title="Shared")
        sharing.accept(sharing.invite(todo_list, self.people[CUSTOMER].email), self.people[CUSTOMER])
        return todo_list

    @cached_property
    def share(self) -> Share:
        return sharing.invite(self.todo_list, "somebody@example.org")

    @cached_property
    def invitation(self) -> Share:
        return sharing.invite(list_of(UserFactory()), self.people[CUSTOMER].email)

    @cached_property
    def todo_feed(self) -> Preferences:
        return reminders.make_feed(self.people[CUSTOMER])
