"""Read the nested form encoding of Stripe's API: ``line_items[0][price_data][currency]=chf``."""

from urllib.parse import parse_qsl

from .errors import invalid

MAX_FIELDS = 2000


def decode(text):
    """Turn an encoded form or query into nested dicts whose leaves are strings.

    Lists stay dicts with the keys "0", "1", …: only the parameter's own rule knows whether ``[0]``
    is a position or, as in metadata, a name.
    """
    if not text:
        return {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError as error:
        raise invalid("Invalid string: the request is not encoded as UTF-8.") from error
    except ValueError as error:
        raise invalid(f"Invalid request: more than {MAX_FIELDS} parameters.") from error
    form = {}
    for name, value in pairs:
        if "[" not in name:
            _put(form, name, value, name)
        else:
            _put_nested(form, _split(name), value, name)
    return form


def _split(name):
    head, _, rest = name.partition("[")
    if not head or not rest.endswith("]"):
        raise invalid(f"Invalid request: malformed parameter name: {name}", param=name)
    return [head, *rest[:-1].split("][")]


def _put_nested(form, parts, value, name):
    target = form
    for part in parts[:-1]:
        key = part if part else str(len(target))
        target = target.setdefault(key, {})
        if not isinstance(target, dict):
            raise invalid(f"Invalid request: {name} is both a value and a hash.", param=name)
    _put(target, parts[-1] if parts[-1] else str(len(target)), value, name)


def _put(target, key, value, name):
    if isinstance(target.get(key), dict):
        raise invalid(f"Invalid request: {name} is both a value and a hash.", param=name)
    target[key] = value
