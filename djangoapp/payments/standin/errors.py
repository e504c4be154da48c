"""Refusals in the shape of Stripe's own error bodies."""


class ApiError(Exception):
    """A request that Stripe would refuse.

    ``is_final`` marks refusals that come from running the request, not from checking it: only those
    are kept under an idempotency key, as Stripe does.
    """

    def __init__(
        self,
        status,
        message,
        *,
        kind="invalid_request_error",
        code=None,
        param=None,
        is_final=False,
        should_retry=None,
    ):
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.code = code
        self.param = param
        self.is_final = is_final
        self.should_retry = should_retry

    def body(self):
        error = {"message": self.message, "type": self.kind}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = documentation_url(self.code)
        if self.param:
            error["param"] = self.param
        return {"error": error}


def documentation_url(code):
    return "https://stripe.com/docs/error-codes/" + code.replace("_", "-")


def invalid(message, *, param=None, code=None):
    """A parameter that does not pass the check; nothing has been done."""
    return ApiError(400, message, param=param, code=code)


def refused(message, *, param=None, code=None):
    """A request that was understood and may not be carried out in the present state."""
    return ApiError(400, message, param=param, code=code, is_final=True)


# Stripe names the path parameter in the error; these two are not called "id".
_ID_PARAMETERS = {"checkout.session": "session", "payment_intent": "intent"}


def missing(kind, identifier, param=None):
    return ApiError(
        404,
        f"No such {kind.replace('.', ' ')}: '{identifier}'",
        code="resource_missing",
        param=param or _ID_PARAMETERS.get(kind, "id"),
    )


def unknown_url(method, path):
    return ApiError(
        404,
        f"Unrecognized request URL ({method}: {path}). The stand-in speaks only what the shop uses;"
        " see https://stripe.com/docs for the whole of it.",
    )


def server_error():
    """The answer of a provider that stumbles; the client library must decide whether to retry."""
    return ApiError(
        500,
        "An unknown error occurred",
        kind="api_error",
        is_final=True,
    )


def rate_limited():
    return ApiError(
        429,
        "Request rate limit exceeded. You can learn more about rate limits here"
        " https://stripe.com/docs/rate-limits.",
        code="rate_limit",
    )
