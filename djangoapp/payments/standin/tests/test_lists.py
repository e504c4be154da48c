"""Lists with filters and pages, and the objects that stand beside payments."""

import pytest
import stripe

from .conftest import checkout_params, line_item


def test_lists_are_filtered_and_newest_first(new_checkout, client, standin):
    sessions = [new_checkout() for _ in range(3)]
    paid = standin.pay(sessions[0].id)
    standin.expire(sessions[1].id)

    def ids(**filters):
        return [found.id for found in client.v1.checkout.sessions.list(filters).data]

    assert ids() == [sessions[2].id, sessions[1].id, sessions[0].id]
    assert ids(status="open") == [sessions[2].id]
    assert ids(status="complete") == [sessions[0].id]
    assert ids(status="expired") == [sessions[1].id]
    assert ids(payment_intent=paid["payment_intent"]) == [sessions[0].id]
    assert ids(customer_details={"email": "ada@example.com"}) == ids()
    assert ids(customer_details={"email": "bob@example.com"}) == []
    assert ids(created={"gt": standin.now()}) == []
    assert ids(created={"gte": sessions[0].created}) == ids()


def test_lists_are_paged(new_checkout, client):
    newest_first = [new_checkout().id for _ in range(5)][::-1]
    sessions = client.v1.checkout.sessions

    first = sessions.list({"limit": 2})
    assert ([found.id for found in first.data], first.has_more) == (newest_first[:2], True)
    second = sessions.list({"limit": 2, "starting_after": newest_first[1]})
    assert ([found.id for found in second.data], second.has_more) == (newest_first[2:4], True)
    last = sessions.list({"limit": 2, "starting_after": newest_first[3]})
    assert ([found.id for found in last.data], last.has_more) == (newest_first[4:], False)
    back = sessions.list({"limit": 2, "ending_before": newest_first[4]})
    assert ([found.id for found in back.data], back.has_more) == (newest_first[2:4], True)
    every = [found.id for found in sessions.list({"limit": 2}).auto_paging_iter()]
    assert every == newest_first


@pytest.mark.parametrize("limit", [0, 101])
def test_a_page_has_one_to_a_hundred_entries(client, limit):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.list({"limit": limit})

    assert refusal.value.param == "limit"


def test_a_page_after_nothing_is_refused(client):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.list({"starting_after": "cs_none"})

    assert (refusal.value.code, refusal.value.param) == ("resource_missing", "starting_after")


def test_line_items_have_an_address_of_their_own(new_checkout, client):
    checkout_session = new_checkout(line_items=[line_item(name=f"Item {n}") for n in range(3)])

    items = client.v1.checkout.sessions.line_items.list(checkout_session.id, {"limit": 2})

    assert [item.description for item in items.auto_paging_iter()] == ["Item 0", "Item 1", "Item 2"]
    price = client.v1.prices.retrieve(items.data[0].price.id, {"expand": ["product"]})
    assert (price.unit_amount, price.product.name) == (8500, "Item 0")


def test_it_can_belong_to_a_customer(client):
    customer = client.v1.customers.create({"email": "bob@example.com", "metadata": {"user": "7"}})
    params = checkout_params(customer=customer.id, customer_email=None)

    checkout_session = client.v1.checkout.sessions.create(params)

    expanded = client.v1.checkout.sessions.retrieve(checkout_session.id, {"expand": ["customer"]})
    assert expanded.customer.email == "bob@example.com"


def test_customers_are_changed_and_found_again(client, standin, receiver):
    customer = client.v1.customers.create({"email": "bob@example.com", "metadata": {"a": "1", "b": "2"}})

    changed = client.v1.customers.update(
        customer.id, {"name": "Bob", "metadata": {"a": "", "c": "3"}, "address": {"city": "Bern"}}
    )

    assert (changed.name, changed.address.city) == ("Bob", "Bern")
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
    assert [found.id for found in client.v1.customers.list({"email": "bob@example.com"})] == [customer.id]
    standin.wait_until_idle()
    assert receiver.types == ["customer.created", "customer.updated"]


def test_events_can_be_listed_and_retrieved(new_checkout, client, standin):
    checkout_session = new_checkout()
    standin.pay(checkout_session.id)

    [completed] = client.v1.events.list({"type": "checkout.session.completed"}).data

    assert completed.data.object.id == checkout_session.id
    assert client.v1.events.retrieve(completed.id).type == "checkout.session.completed"
    some = client.v1.events.list({"types": ["charge.succeeded", "charge.updated"]})
    assert [event.type for event in some.data] == ["charge.updated", "charge.succeeded"]
