"""The OpenAPI document, told as lines for a page."""

from collections.abc import Iterator
from dataclasses import dataclass

METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Field:
    """One field of a body, or one parameter. ``depth`` says how far inside others it is."""

    name: str
    kind: str
    description: str
    is_required: bool = False
    depth: int = 0


@dataclass(frozen=True)
class Answer:
    status: str
    description: str
    fields: list[Field]


@dataclass(frozen=True)
class Operation:
    anchor: str
    method: str
    path: str
    summary: str
    description: str
    needs_token: bool
    parameters: list[Field]
    body: list[Field]
    answers: list[Answer]
    problems: list[str]


def groups_of(document: dict) -> list[tuple[str, list[Operation]]]:
    """All operations, by what they are about."""
    groups: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if operation := item.get(method):
                group = groups.setdefault(operation["tags"][0], [])
                group.append(_operation(document, path, method, operation))
    return list(groups.items())


def _operation(document: dict, path: str, method: str, operation: dict) -> Operation:
    responses = operation["responses"].items()
    body = operation.get("requestBody", {}).get("content", {})
    return Operation(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        needs_token={} not in operation.get("security", [{}]),
        parameters=[
            Field(
                parameter["name"],
                _kind(document, parameter["schema"]),
                parameter.get("description", ""),
                is_required=parameter.get("required", False),
            )
            for parameter in operation.get("parameters", [])
        ],
        body=_fields_of_content(document, body),
        answers=[
            Answer(
                status,
                response.get("description", ""),
                _fields_of_content(document, response.get("content", {})),
            )
            for status, response in responses
            if PROBLEM_TYPE not in response.get("content", {})
        ],
        problems=[
            f"{status} {response['description']}"
            for status, response in responses
            if PROBLEM_TYPE in response.get("content", {})
        ],
    )


def _fields_of_content(document: dict, content: dict) -> list[Field]:
    for media in content.values():
        return list(_fields(document, media["schema"]))
    return []


def _fields(document: dict, schema: dict, depth: int = 0) -> Iterator[Field]:
    schema = _resolved(document, schema)
    if schema.get("type") == "array":
        schema = _resolved(document, schema["items"])
    required = schema.get("required", [])
    for name, inner in schema.get("properties", {}).items():
        whole = _resolved(document, inner)
        description = inner.get("description") or ("" if whole.get("enum") else whole.get("description", ""))
        yield Field(name, _kind(document, inner), description, name in required, depth)
        yield from _fields(document, inner, depth + 1)


def _resolved(document: dict, schema: dict) -> dict:
    """The schema itself, in place of a reference to it."""
    for part in ("allOf", "oneOf"):
        if part in schema:
            return _resolved(document, schema[part][0])
    if "$ref" not in schema:
        return schema
    name = schema["$ref"].rpartition("/")[2]
    return document["components"]["schemas"][name]


def _kind(document: dict, schema: dict) -> str:
    whole = _resolved(document, schema)
    if "enum" in whole:
        kind = " | ".join(str(value) for value in whole["enum"] if value not in ("", None))
    elif whole.get("type") == "array":
        kind = f"list of {_kind(document, whole['items'])}"
    else:
        kind = whole.get("format") or whole.get("type", "")
    is_nullable = schema.get("nullable") or whole.get("nullable")
    return f"{kind} | null" if is_nullable else kind
