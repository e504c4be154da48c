"""The API put together: the addresses of all apps, the document that describes them, and a page made from it."""

from functools import cache

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import include, path, re_path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from accounts.api import views as accounts
from app.api_page import groups_of
from attendance.api import checkins
from blog import api as blog
from core.api import NoSuchEndpoint
from polls import api as polls
from shop import api as shop


@cache
def document() -> dict:
    """The OpenAPI document. It depends on the code alone, so each process writes it once."""
    return SchemaGenerator().get_schema(request=None, public=True)


@require_safe
@cache_control(public=True, max_age=300)
def schema(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document, for programs."""
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The same document as a page for people."""
    return render(request, "api/docs.html", {"info": document()["info"], "groups": groups_of(document())})


v1 = [
    path("projects/", shop.ProjectList.as_view(), name="project_list"),
    path("projects/<slug:slug>/", shop.ProjectDetail.as_view(), name="project_detail"),
    path("sessions/", shop.SessionList.as_view(), name="session_list"),
    path("sessions/<slug:slug>/", shop.SessionDetail.as_view(), name="session_detail"),
    path("orders/", shop.OrderList.as_view(), name="order_list"),
    path("orders/<slug:code>/", shop.OrderDetail.as_view(), name="order_detail"),
    path("posts/", blog.PostList.as_view(), name="post_list"),
    path("posts/<slug:slug>/", blog.PostDetail.as_view(), name="post_detail"),
    path("polls/", polls.PollList.as_view(), name="poll_list"),
    path("polls/<slug:slug>/", polls.PollDetail.as_view(), name="poll_detail"),
    path("polls/<slug:slug>/vote/", polls.Vote.as_view(), name="vote"),
    path("attendance/", checkins.Attendance.as_view(), name="attendance"),
    path("checkins/", checkins.CheckIns.as_view(), name="checkins"),
    path("checkins/walk-ins/", checkins.WalkIns.as_view(), name="walk_ins"),
    path("checkins/<int:pk>/undo/", checkins.Undo.as_view(), name="undo"),
    path("users/me/", accounts.Me.as_view(), name="me"),
]

app_name = "api"
urlpatterns = [
    path("v1/", include(v1)),
    path("schema/", schema, name="schema"),
    path("docs/", docs, name="docs"),
    re_path(r"^(?P<rest>[\s\S]*)$", NoSuchEndpoint.as_view(), name="unknown"),
]
