"""What every address of the API has in common, whichever app it belongs to.

Errors are problem details (RFC 9457), lists come in pages and nobody counts their rows, calls are counted for each
network.
"""

import logging
import math
from collections.abc import Iterator
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db.models import QuerySet
from django.http import Http404
from django.utils.cache import patch_vary_headers
from django.utils.log import log_response
from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework import exceptions, serializers
from rest_framework.pagination import BasePagination
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView, set_rollback

from core.addresses import absolute, with_query
from core.exceptions import DomainError, TemporarilyUnavailable
from core.limits import Limit, LimitReached, enforce, network_of
from core.pages import LAST_PAGE, Page, page_of

logger = logging.getLogger("django.request")

CALLS = Limit("api", times=120, minutes=1)
PROBLEM_TYPE = "application/problem+json"
PAGE_SIZE, LARGEST_PAGE = 30, 100


class TooLarge(exceptions.APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = _("The request is too large.")
    default_code = "too_large"


class Refused(exceptions.APIException):
    """A rule of the business said no."""

    status_code = HTTPStatus.CONFLICT


class Unavailable(exceptions.APIException):
    status_code = HTTPStatus.SERVICE_UNAVAILABLE


class CallThrottle(BaseThrottle):
    """So many calls in a minute from one network, counted for all processes together."""

    limit = CALLS
    retry_after_seconds = 0

    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            enforce(self.limit, network_of(request))
        except LimitReached as reached:
            self.retry_after_seconds = reached.retry_after_seconds
            return False
        return True

    def wait(self) -> int:
        return self.retry_after_seconds


# Lists


class Pages(BasePagination):
    """Pages by number. They tell what comes next and before, and not how many there are: nobody counts rows."""

    page: Page

    def paginate_queryset(self, queryset: QuerySet, request: Request, view: APIView | None = None) -> list:
        self.request = request
        number = self._number("page", default=1, most=LAST_PAGE)
        self.size = self._number("page_size", default=PAGE_SIZE, most=LARGEST_PAGE)
        self.page = page_of(queryset, number, size=self.size)
        return self.page.rows

    def get_paginated_response(self, data: list) -> Response:
        return Response(
            {
                "next": self._address(self.page.later),
                "previous": self._address(self.page.earlier),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict) -> dict:
        address = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**address, "description": "The next page; null on the last one."},
                "previous": {**address, "description": "The page before; null on the first one."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict]:
        return [
            _whole_number("page", "Which page, from 1 on.", default=1, most=LAST_PAGE),
            _whole_number("page_size", "Rows in a page.", default=PAGE_SIZE, most=LARGEST_PAGE),
        ]

    def _number(self, name: str, *, default: int, most: int) -> int:
        text = self.request.query_params.get(name)
        if text is None:
            return default
        is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
        if not (is_number and 1 <= int(text) <= most):
            raise exceptions.ValidationError({name: [_("Give a whole number from 1 to %d.") % most]})
        return int(text)

    def _address(self, number: int | None) -> str | None:
        if number is None:
            return None
        asked = self.request.query_params.dict() | {"page": number}
        return absolute(with_query(self.request.path, asked))


def _whole_number(name: str, description: str, *, default: int, most: int) -> dict:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": {"type": "integer", "minimum": 1, "maximum": most, "default": default},
    }


# Views


class Endpoint:
    """Mixed into every view of the API, before the view's own class."""

    throttle_classes = [CallThrottle]
    pagination_class = Pages
    # What an operation that changes something may answer besides the errors that all have in common.
    more_problems: tuple[int, ...] = ()

    def initial(self, request: Request, *args, **kwargs) -> None:
        # Before anybody is asked who they are: guessing tokens is counted, and a method that nobody has is nobody's.
        super().check_throttles(request)
        method = request.method.lower()
        if method not in self.http_method_names or not hasattr(self, method):
            raise exceptions.MethodNotAllowed(request.method)
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        super().initial(request, *args, **kwargs)

    def check_throttles(self, request: Request) -> None:
        """Done already, in ``initial``."""

    def finalize_response(self, request: Request, response: Response, *args, **kwargs) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(response, ["Authorization"])
        if "Authorization" in request.headers or response.status_code >= HTTPStatus.BAD_REQUEST:
            response.headers["Cache-Control"] = "private, no-store"
        return response


class NoSuchEndpoint(Endpoint, APIView):
    """Answers all addresses below the API's that are none."""

    schema = None  # it stands in no document

    def get(self, request: Request, *args, **kwargs) -> Response:
        raise exceptions.NotFound

    head = post = put = patch = delete = get


# Errors


class FieldProblemSerializer(serializers.Serializer):
    """What is wrong with one field or parameter."""

    name = serializers.CharField(help_text="The field or parameter; empty when the whole is meant.")
    detail = serializers.CharField(help_text="What is wrong with it.")


class ProblemSerializer(serializers.Serializer):
    """What went wrong (RFC 9457)."""

    type = serializers.CharField(help_text="Always `about:blank`: the status says which kind it is.")
    title = serializers.CharField(help_text="The status in words.")
    status = serializers.IntegerField(help_text="The HTTP status.")
    detail = serializers.CharField(help_text="A sentence for people.")
    errors = FieldProblemSerializer(many=True, required=False, help_text="With 400: each thing to mend.")


def answer_problem(error: Exception, context: dict) -> Response | None:
    """Answer any error of a view by problem details. While debugging, what nobody expected shows its trace instead."""
    known = _known(error)
    if known is None and settings.DEBUG:
        return None
    set_rollback()
    if known is None:
        return _answer_unexpected(error, context["request"])
    response = _problem(known.status_code, _sentence(known))
    if isinstance(known, exceptions.ValidationError):
        response.data["errors"] = list(_field_problems(known.detail))
    if getattr(known, "auth_header", None):
        response.headers["WWW-Authenticate"] = known.auth_header
    if getattr(known, "wait", None):
        response.headers["Retry-After"] = str(math.ceil(known.wait))
    return response


def _known(error: Exception) -> exceptions.APIException | None:
    match error:
        case exceptions.APIException():
            return error
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case SuspiciousOperation():
            return exceptions.ParseError()
        case LimitReached():
            return exceptions.Throttled(error.retry_after_seconds)
        case TemporarilyUnavailable():
            return Unavailable(str(error))
        case DomainError():
            return Refused(str(error))
    return None


def _answer_unexpected(error: Exception, request: Request) -> Response:
    """Tell the caller nothing and the log everything, as Django does for pages."""
    response = _problem(HTTPStatus.INTERNAL_SERVER_ERROR, _("Something went wrong on our side."))
    got_request_exception.send(sender=None, request=request._request)
    log_response(
        "%s: %s",
        response.reason_phrase,
        request.path,
        response=response,
        request=request._request,
        logger=logger,
        exception=error,
    )
    return response


def _problem(status: int, detail: str) -> Response:
    status = HTTPStatus(status)
    problem = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": str(detail)}
    return Response(problem, status=status.value, content_type=PROBLEM_TYPE)


def _sentence(error: exceptions.APIException) -> str:
    if isinstance(error, exceptions.ValidationError):
        return _("Something in the request is not as it should be.")
    return str(error.detail)


def _field_problems(detail: dict | list | str, name: str = "") -> Iterator[dict[str, str]]:
    if isinstance(detail, dict):
        for key, value in detail.items():
            inner = "" if key == "non_field_errors" else str(key)
            yield from _field_problems(value, ".".join(filter(None, [name, inner])))
    elif isinstance(detail, list):
        for place, value in enumerate(detail):
            is_nested = isinstance(value, dict | list)
            yield from _field_problems(value, f"{name}.{place}" if is_nested else name)
    else:
        yield {"name": name, "detail": str(detail)}


class ProblemSchema(AutoSchema):
    """Documents the errors that an operation may answer, beside what it answers when all is well."""

    def _get_response_bodies(self, direction: str = "response") -> dict:
        bodies = super()._get_response_bodies(direction)
        for status in sorted(self._problems()):
            problem = OpenApiResponse(ProblemSerializer, description=HTTPStatus(status).phrase)
            bodies[str(status)] = self._get_response_for_code(
                problem, str(status), media_types=[PROBLEM_TYPE]
            )
        return bodies

    def _problems(self) -> set[int]:
        problems = {401, 403, 406, 429}
        if self._is_list_view():
            problems.add(400)
        if "{" in self.path:
            problems.add(404)
        if self.method not in SAFE_METHODS:
            problems |= {400, 413, 415, *self.view.more_problems}
        return problems
