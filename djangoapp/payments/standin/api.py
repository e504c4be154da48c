"""The API's door: key, version, idempotency, faults; then the endpoint's work and its answer."""

import re
import time
from collections import deque
from dataclasses import dataclass, field

from . import checkout, endpoints
from .core import Origin, to_json
from .errors import ApiError, invalid, rate_limited, server_error, unknown_url
from .faults import Faults
from .forms import decode
from .idempotency import Keys
from .listing import expand

REQUESTS_KEPT = 20_000
_KEY = re.compile(r"(?:sk|rk)_test_[A-Za-z0-9]{24,}")
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:\.[a-z_]+)?")


@dataclass(slots=True)
class Request:
    """An HTTP request as far as the API looks at it. ``headers`` have lower-case names."""

    method: str
    path: str
    query: str
    body: str
    headers: dict
    page_base: str


@dataclass(slots=True)
class Response:
    """``is_lost``: close the connection without sending this."""

    status: int
    body: str
    headers: dict = field(default_factory=dict)
    is_lost: bool = False


class Api:
    """Answers ``/v1/…``. Safe to call from many threads."""

    def __init__(self, core):
        self.core = core
        self.faults = Faults()
        self.keys = Keys(core.now)
        self.log = deque(maxlen=REQUESTS_KEPT)

    def answer(self, request):
        request_id = self.core.store.new_id("request")
        fault = self.faults.take(request.method, request.path)
        try:
            response = self._answer(request, request_id, fault)
        except ApiError as error:
            response = Response(error.status, to_json(error.body()))
        response.headers["Request-Id"] = request_id
        response.headers.setdefault("Stripe-Version", self._version(request))
        if fault:
            if fault.kind == "slow" and fault.performed:
                time.sleep(fault.seconds)
            response.is_lost = fault.kind == "drop"
        self._note(request, request_id, response, fault)
        return response

    def _answer(self, request, request_id, fault):
        self._check_headers(request)
        if fault:
            if fault.kind == "rate_limit":
                raise rate_limited()
            if fault.kind == "drop" and not fault.performed:
                return Response(500, "")
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        if not key:
            return self._perform(request, request_id, None, fault)
        return self._perform_once(request, request_id, key, fault)

    def _perform_once(self, request, request_id, key, fault):
        """Carry the request out unless this key already has a result."""
        parameters = "&".join(sorted(f"{request.query}&{request.body}".split("&")))
        with self.core.store.lock:
            record = self.keys.begin(key, request.method, request.path, parameters)
        if record:
            headers = {
                "Idempotency-Key": key,
                "Idempotent-Replayed": "true",
                "Original-Request": record.request_id,
            }
            return Response(record.status, record.body, headers)
        try:
            response = self._perform(request, request_id, key, fault)
        except ApiError as error:
            response = Response(error.status, to_json(error.body()))
            with self.core.action():
                if error.is_final:
                    self.keys.finish(key, response.status, response.body, request_id)
                else:
                    self.keys.release(key)
        except Exception:
            with self.core.store.lock:
                self.keys.release(key)
            raise
        response.headers["Idempotency-Key"] = key
        return response

    def _perform(self, request, request_id, key, fault):
        if fault and not fault.performed:
            if fault.kind == "slow":
                time.sleep(fault.seconds)
            if fault.kind == "error":
                raise server_error()
        is_broken = fault is not None and fault.kind == "error"
        return self._run(request, request_id, key, is_broken=is_broken)

    def _run(self, request, request_id, key, *, is_broken):
        found = endpoints.find(request.method, request.path[len("/v1/") :])
        if found is None:
            raise unknown_url(request.method, request.path)
        (schema, work), identifier = found
        form = decode(request.query)
        if request.body:
            form |= decode(request.body)
        params = schema(form, "")
        paths = params.pop("expand", ())
        core = self.core
        with core.action(Origin(request_id, key), changes=request.method != "GET"):
            checkout.expire_due(core)
            call = endpoints.Call(core, params, identifier, request.path, request.page_base)
            result = work(call)
            if paths:
                result = expand(core.store, result, paths)
            status, body = 200, to_json(result)
            if is_broken:
                status, body = 500, to_json(server_error().body())
            if key:
                self.keys.finish(key, status, body, request_id)
        return Response(status, body)

    def _check_headers(self, request):
        _check_key(request.headers.get("authorization", ""))
        version = request.headers.get("stripe-version")
        if version and not _VERSION.fullmatch(version):
            raise invalid(f"Invalid Stripe API version: {version[:40]}")
        account = request.headers.get("stripe-account")
        if account and account != self.core.settings.account_id:
            raise ApiError(
                403,
                f"The provided key does not have access to account '{account[:40]}' (or that"
                " account does not exist). Application access may have been revoked.",
                code="account_invalid",
            )
        kind = request.headers.get("content-type", "")
        if request.body and not kind.startswith("application/x-www-form-urlencoded"):
            raise invalid(
                f"Invalid request: the content type is {kind[:60] or 'missing'}; the API reads"
                " application/x-www-form-urlencoded."
            )

    def _version(self, request):
        return request.headers.get("stripe-version") or self.core.settings.api_version

    def _note(self, request, request_id, response, fault):
        self.log.append(
            {
                "id": request_id,
                "method": request.method,
                "path": request.path,
                "status": response.status,
                "idempotency_key": request.headers.get("idempotency-key"),
                "is_replay": "Idempotent-Replayed" in response.headers,
                "fault": fault.kind if fault else None,
            }
        )


def _check_key(authorization):
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() == "basic":
        raise ApiError(401, "The stand-in reads the API key as a bearer token only.")
    if scheme.lower() != "bearer" or not key:
        raise ApiError(
            401,
            "You did not provide an API key. You need to provide your API key in the Authorization"
            " header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See"
            " https://stripe.com/docs/api#authentication for details.",
        )
    if key.startswith(("sk_live_", "rk_live_")):
        raise ApiError(401, "A live key was sent to the stand-in, which takes test keys only.")
    if not _KEY.fullmatch(key):
        shown = f"{key[:8]}{'*' * 8}{key[-4:]}" if len(key) > 16 else "*" * len(key)
        raise ApiError(401, f"Invalid API Key provided: {shown}")
