"""Lists as Stripe pages them, and fields expanded on request."""

import itertools
import json

from .errors import invalid, missing
from .objects.accounts import empty_list
from .store import kind_of

DEFAULT_LIMIT = 10
LARGEST_LIMIT = 100
DEEPEST_EXPANSION = 4
_BOUNDS = {
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}


def page(objects, params, url, kind):
    """One page of ``objects``, which come newest first and are already filtered."""
    limit = params.get("limit", DEFAULT_LIMIT)
    if limit > LARGEST_LIMIT:
        raise invalid(
            f"Limit must be between 1 and {LARGEST_LIMIT}",
            param="limit",
            code="parameter_invalid_integer",
        )
    if "starting_after" in params and "ending_before" in params:
        raise invalid("You may only specify one of these parameters: ending_before, starting_after")
    for bound, value in params.get("created", {}).items():
        objects = filter(lambda obj, holds=_BOUNDS[bound], value=value: holds(obj["created"], value), objects)
    if "ending_before" in params:
        newer = _before(objects, params["ending_before"], kind)
        return _list(newer[-limit:], has_more=len(newer) > limit, url=url)
    if "starting_after" in params:
        objects = _after(objects, params["starting_after"], kind)
    found = list(itertools.islice(objects, limit + 1))
    return _list(found[:limit], has_more=len(found) > limit, url=url)


def _list(data, *, has_more, url):
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def _after(objects, identifier, kind):
    objects = iter(objects)
    for obj in objects:
        if obj["id"] == identifier:
            return objects
    raise missing(kind, identifier, "starting_after")


def _before(objects, identifier, kind):
    newer = []
    for obj in objects:
        if obj["id"] == identifier:
            return newer
        newer.append(obj)
    raise missing(kind, identifier, "ending_before")


def event_view(event):
    """A kept event as the API shows it."""
    return json.loads(event["text"])


def expand(store, obj, paths):
    """A copy of ``obj`` in which the named fields hold objects instead of ids."""
    for path in paths:
        parts = path.split(".")
        if len(parts) > DEEPEST_EXPANSION:
            raise invalid(
                f"You cannot expand more than {DEEPEST_EXPANSION} levels of a property.",
                param="expand",
            )
        obj = _expanded(store, obj, parts, path)
    return obj


def _expanded(store, obj, parts, path):
    name, rest = parts[0], parts[1:]
    if obj.get("object") == "list":
        if name != "data":
            raise _not_expandable(path, f"data.{path}")
        if not rest:
            raise _not_expandable(path)
        return {**obj, "data": [_expanded(store, entry, rest, path) for entry in obj["data"]]}
    value = obj[name] if name in obj else _included(store, obj, name, path)
    if isinstance(value, str):
        kind = kind_of(value)
        if kind is None or name == "id":
            raise _not_expandable(path)
        value = store.get(kind, value)
    elif value is not None and not rest and name in obj and not _is_resource(value):
        raise _not_expandable(path)
    if rest and value is not None:
        if not isinstance(value, dict):
            raise _not_expandable(path)
        value = _expanded(store, value, rest, path)
    return {**obj, name: value}


def _is_resource(value):
    return isinstance(value, list) or (isinstance(value, dict) and "object" in value)


def _included(store, obj, name, path):
    """Fields that exist only when they are asked for."""
    key = (obj.get("object"), name)
    if key == ("checkout.session", "line_items"):
        return line_items(store, obj)
    if key == ("charge", "refunds"):
        url = f"/v1/charges/{obj['id']}/refunds"
        return page(store.refunds_of(obj), {}, url, "refund")
    if key in (("item", "discounts"), ("item", "taxes")):
        return []
    if key[0] == "customer" and name in ("sources", "subscriptions", "tax_ids"):
        return empty_list(f"/v1/customers/{obj['id']}/{name}")
    if name == "breakdown" and "amount_discount" in obj:
        return {"discounts": [], "taxes": []}
    raise _not_expandable(path)


def line_items(store, checkout_session, params=None):
    items = store.checkout_details[checkout_session["id"]]["line_items"]
    url = f"/v1/checkout/sessions/{checkout_session['id']}/line_items"
    return page(items, params or {}, url, "item")


def _not_expandable(path, instead=None):
    hint = f" You may want to try expanding '{instead}' instead." if instead else ""
    return invalid(f"This property cannot be expanded ({path}).{hint}", param="expand")
