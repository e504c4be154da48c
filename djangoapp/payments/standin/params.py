"""Rules for parameters. A rule takes the raw value and its full name, and returns what is meant.

Whatever has no rule is refused as Stripe refuses it: an integration that sends a misspelt
parameter must fail here, not in production.
"""

import re
from urllib.parse import urlsplit

from .currencies import CURRENCIES
from .errors import invalid

METADATA_KEYS = 50
METADATA_KEY_LENGTH = 40
METADATA_VALUE_LENGTH = 500

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_INTEGER = re.compile(r"-?[0-9]{1,18}")


def text(max_length=5000):
    def check(value, name):
        value = _scalar(value, name)
        if len(value) > max_length:
            raise invalid(
                f"Invalid string: {value[:8]}...{value[-8:]}; must be at most {max_length} characters",
                param=name,
            )
        return value

    return check


def integer(minimum=None):
    def check(value, name):
        value = _scalar(value, name)
        if not _INTEGER.fullmatch(value):
            raise invalid(f"Invalid integer: {value[:40]}", param=name, code="parameter_invalid_integer")
        number = int(value)
        if minimum is not None and number < minimum:
            kind = "positive" if minimum == 1 else "non-negative"
            raise invalid(f"Invalid {kind} integer", param=name, code="parameter_invalid_integer")
        return number

    return check


def boolean(value, name):
    value = _scalar(value, name)
    if value not in ("true", "false"):
        raise invalid(f"Invalid boolean: {value[:40]}", param=name)
    return value == "true"


def choice(*allowed):
    def check(value, name):
        value = _scalar(value, name)
        if value not in allowed:
            raise invalid(f"Invalid {name}: must be one of {', '.join(allowed)}", param=name)
        return value

    return check


def url(value, name):
    value = _scalar(value, name)
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or len(value) > 5000:
        raise invalid("Not a valid URL", param=name, code="url_invalid")
    return value


def is_email(value):
    return len(value) <= 512 and _EMAIL.fullmatch(value) is not None


def email(value, name):
    value = _scalar(value, name)
    if not is_email(value):
        raise invalid(f"Invalid email address: {value[:80]}", param=name, code="email_invalid")
    return value


def currency(value, name):
    value = _scalar(value, name).lower()
    if value not in CURRENCIES:
        raise invalid(f"Invalid currency: {value[:10]}", param=name)
    return value


def metadata(value, name):
    if value == "":
        return {}
    if not isinstance(value, dict):
        raise invalid("Invalid hash", param=name)
    if len(value) > METADATA_KEYS:
        raise invalid(f"Metadata can hold at most {METADATA_KEYS} keys.", param=name)
    for key, entry in value.items():
        if len(key) > METADATA_KEY_LENGTH:
            raise invalid(
                f"Metadata keys can be at most {METADATA_KEY_LENGTH} characters: {key[:60]}",
                param=name,
            )
        if not isinstance(entry, str):
            raise invalid("Metadata values must be strings.", param=f"{name}[{key}]")
        if len(entry) > METADATA_VALUE_LENGTH:
            raise invalid(
                f"Metadata values can be at most {METADATA_VALUE_LENGTH} characters.",
                param=f"{name}[{key}]",
            )
    return value


def array(of, maximum=None):
    def check(value, name):
        if not isinstance(value, dict) or not all(key.isdecimal() for key in value):
            raise invalid("Invalid array", param=name)
        entries = sorted(value.items(), key=lambda entry: int(entry[0]))
        if maximum is not None and len(entries) > maximum:
            raise invalid(f"Array has more than {maximum} elements", param=name)
        return [of(entry, f"{name}[{position}]") for position, entry in entries]

    check.entry_rule = of
    return check


def record(rules, required=()):
    def check(value, name):
        if not isinstance(value, dict):
            raise invalid("Invalid hash", param=name)
        checked = {}
        for key, entry in value.items():
            full_name = f"{name}[{key}]" if name else key
            rule = rules.get(key)
            if rule is None:
                known = ", ".join(sorted(rules))
                raise invalid(
                    f"Received unknown parameter: {full_name}. (The stand-in knows here: {known}.)",
                    param=full_name,
                    code="parameter_unknown",
                )
            checked[key] = rule(entry, full_name)
        for key in required:
            if key not in checked:
                full_name = f"{name}[{key}]" if name else key
                raise invalid(
                    f"Missing required param: {full_name}.",
                    param=full_name,
                    code="parameter_missing",
                )
        return checked

    check.rules = rules
    return check


def instant_range(value, name):
    """``created=…`` or ``created[gte]=…``; always returned as a dict of bounds."""
    if isinstance(value, dict):
        bound = integer()
        return record({"gt": bound, "gte": bound, "lt": bound, "lte": bound})(value, name)
    exactly = integer()(value, name)
    return {"gte": exactly, "lte": exactly}


def _scalar(value, name):
    if not isinstance(value, str):
        raise invalid("Invalid string: a hash was given", param=name)
    if value == "":
        raise invalid(
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to"
            f" unset a parameter; however '{name}' cannot be unset. You should remove '{name}' from"
            " your request or supply a non-empty value.",
            param=name,
            code="parameter_invalid_empty",
        )
    return value
