"""Record what Stripe's OpenAPI document says of the objects and requests that the stand-in speaks.

Run it when the API version moves::

    python payments/standin/tests/record_stripe_document.py …/stripe-mock@v0.203.0/embedded/openapi/spec3.json

The document lies in the Go module of stripe-mock, Stripe's own request validator, and is published
under the MIT licence. Only names, types and what is required are kept, of our objects alone.
"""

import json
import sys
from pathlib import Path

RECORD = Path(__file__).with_name("stripe_document.json")

OBJECTS = (
    "account balance_transaction charge checkout.session customer dispute event item payment_intent"
    " payment_method payout price product refund webhook_endpoint"
).split()

REQUESTS = (
    "POST /v1/checkout/sessions",
    "GET /v1/checkout/sessions",
    "GET /v1/checkout/sessions/{session}",
    "GET /v1/checkout/sessions/{session}/line_items",
    "POST /v1/checkout/sessions/{session}/expire",
    "POST /v1/customers",
    "POST /v1/customers/{customer}",
    "GET /v1/customers",
    "GET /v1/payment_intents",
    "GET /v1/charges",
    "POST /v1/refunds",
    "GET /v1/refunds",
    "GET /v1/balance_transactions",
    "GET /v1/disputes",
    "POST /v1/disputes/{dispute}/close",
    "GET /v1/events",
    "POST /v1/webhook_endpoints",
    "GET /v1/webhook_endpoints",
)

# Records with one entry per way to pay: ours are these.
WAYS_TO_PAY = {"card", "sepa_debit", "type"}
BY_WAY_TO_PAY = {
    "checkout_session_payment_method_options",
    "payment_intent_payment_method_options",
    "payment_method_details",
    "refund_destination_details",
}
# Not looked into: the stand-in leaves them empty.
OPAQUE = {
    "account_capabilities",
    "account_settings",
    "legal_entity_company",
    "payment_intent_next_action",
    "person",
    "shipping",
}
OPAQUE_PARAMETERS = {"payment_method_options", "payment_method_data", "subscription_data"}
DEEPEST = 4


class Document:
    def __init__(self, document):
        self.version = document["info"]["version"]
        self.schemas = document["components"]["schemas"]
        self.paths = document["paths"]

    def object(self, name):
        return self._record(self.schemas[name], name, 0)

    def parameters(self, request):
        """The parameters of a request as nested names; a value that is no hash is null."""
        method, path = request.split()
        operation = self.paths[path][method.lower()]
        names = {
            each["name"]: self._nested(each["schema"])
            for each in operation.get("parameters", [])
            if each["in"] == "query"
        }
        content = operation.get("requestBody", {}).get("content", {})
        form = content.get("application/x-www-form-urlencoded", {}).get("schema", {})
        return names | (self._nested(form) or {})

    def _nested(self, schema):
        for choice in schema.get("anyOf", [schema]):
            if choice.get("type") == "array":
                choice = choice["items"]
            if choice.get("type") == "object" and "properties" in choice:
                return {
                    name: None if name in OPAQUE_PARAMETERS else self._nested(each)
                    for name, each in sorted(choice["properties"].items())
                }
        return None

    def _record(self, schema, name, depth):
        properties = schema.get("properties", {})
        if name in BY_WAY_TO_PAY or name == "payment_method":
            properties = {
                key: value
                for key, value in properties.items()
                if key in WAYS_TO_PAY or not self._is_way_to_pay(key)
            }
        return {
            "required": sorted(set(schema.get("required", [])) & set(properties)),
            "properties": {key: self._type(value, depth + 1) for key, value in sorted(properties.items())},
        }

    def _is_way_to_pay(self, key):
        return key in self.schemas["payment_method"]["properties"]["type"]["enum"] or key.endswith(
            "_transfer"
        )

    def _type(self, schema, depth):
        kinds = schema.get("anyOf", [schema])
        described = [self._one_type(kind, depth) for kind in kinds]
        distinct = [each for n, each in enumerate(described) if each not in described[:n]]
        if schema.get("nullable"):
            distinct.append("null")
        return distinct[0] if len(distinct) == 1 else distinct

    def _one_type(self, schema, depth):
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            target = self.schemas[name]
            if "enum" in target.get("properties", {}).get("object", {}):
                return "resource"
            if name in OPAQUE or depth > DEEPEST:
                return "object"
            return self._record(target, name, depth)
        if "enum" in schema and len(schema["enum"]) <= 15:
            return {"enum": schema["enum"]}
        if schema.get("type") == "array":
            return {"array": self._type(schema["items"], depth)}
        if schema.get("type") == "object" and "properties" in schema:
            return "resource" if "data" in schema["properties"] else self._record(schema, "", depth)
        return schema.get("type", "object")


def main():
    [path] = sys.argv[1:]
    document = Document(json.loads(Path(path).read_text(encoding="utf-8")))
    module = next(part for part in Path(path).parts if part.startswith("stripe-mock@"))
    record = {
        "source": f"Stripe's OpenAPI document (MIT licence), from {module}",
        "version": document.version,
        "objects": {name: document.object(name) for name in OBJECTS},
        "requests": {request: document.parameters(request) for request in REQUESTS},
    }
    RECORD.write_text(_one_line_each(record), encoding="utf-8")
    sys.stdout.write(f"{RECORD.name}: API version {document.version}\n")


def _one_line_each(record):
    """JSON with one line per object and request, so that a new version shows what changed."""
    lines = []
    for key, value in record.items():
        if isinstance(value, dict):
            entries = [
                f"  {json.dumps(name)}: {json.dumps(entry, separators=(',', ':'))}"
                for name, entry in value.items()
            ]
            lines.append(f"{json.dumps(key)}: {{\n" + ",\n".join(entries) + "\n}")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main()
