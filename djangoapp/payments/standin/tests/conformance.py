"""Compare objects and parameters with what Stripe's OpenAPI document says (``stripe_document.json``)."""

import json
from pathlib import Path

DOCUMENT = json.loads(Path(__file__).with_name("stripe_document.json").read_text(encoding="utf-8"))

_TYPES = {"boolean": bool, "integer": int, "number": (int, float), "object": dict, "string": str}


def problems(value, *, strict=True) -> list[str]:
    """What is wrong with an object of the API: a field missing, of a wrong type, or unknown to Stripe.

    Without ``strict`` only missing fields count.
    """
    found = list(_resource(value, value.get("object", "?"), strict))
    return found if strict else [problem for problem in found if problem.endswith("is missing")]


def _resource(value, path, strict):
    kind = value.get("object")
    if kind == "list":
        for name in ("data", "has_more", "url"):
            if name not in value:
                yield f"{path}.{name} is missing"
        for position, entry in enumerate(value.get("data", ())):
            yield from _resource(entry, f"{path}[{position}]", strict)
    elif kind in DOCUMENT["objects"]:
        yield from _record(value, DOCUMENT["objects"][kind], path, strict)
    else:
        yield f"{path} is a {kind}, which is not recorded"


def _record(value, described, path, strict):
    for name in described["required"]:
        if name not in value:
            yield f"{path}.{name} is missing"
    for name, entry in value.items():
        if name in described["properties"]:
            yield from _typed(entry, described["properties"][name], f"{path}.{name}", strict)
        elif strict:
            yield f"{path}.{name} is unknown to Stripe"


def _typed(value, described, path, strict):
    """The problems under the most fitting of the types allowed."""
    if not isinstance(described, list):
        described = [described]
    attempts = [list(_one_type(value, each, path, strict)) for each in described]
    yield from min(attempts, key=len)


def _one_type(value, described, path, strict):
    wrong = f"{path} is {json.dumps(value)[:60]}, not {json.dumps(described)[:80]}"
    if described == "null":
        if value is not None:
            yield wrong
    elif described == "resource":
        if isinstance(value, dict) and "object" in value:
            yield from _resource(value, path, strict)
        elif not isinstance(value, str):
            yield wrong
    elif isinstance(described, str):
        is_bool = isinstance(value, bool) and described != "boolean"
        if is_bool or not isinstance(value, _TYPES[described]):
            yield wrong
    elif "enum" in described:
        if value not in described["enum"]:
            yield wrong
    elif "array" in described:
        if not isinstance(value, list):
            yield wrong
        else:
            for position, entry in enumerate(value):
                yield from _typed(entry, described["array"], f"{path}[{position}]", strict)
    elif not isinstance(value, dict):
        yield wrong
    else:
        yield from _record(value, described, path, strict)


def unknown_parameters(rule, names, path="") -> list[str]:
    """The parameters that a rule of ours takes and Stripe does not."""
    rule = getattr(rule, "entry_rule", rule)
    rules = getattr(rule, "rules", {})
    if names is None:
        return []
    unknown = []
    for name, each in rules.items():
        if name not in names:
            unknown.append(f"{path}{name}")
        else:
            unknown += unknown_parameters(each, names[name], f"{path}{name}.")
    return unknown
