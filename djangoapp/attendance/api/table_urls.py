"""Addresses of the older attendance service, as its callers know them: below ``/table``, without a slash at the end."""

from django.urls import path, re_path

from attendance.api import table

app_name = "table"
urlpatterns = [
    path("table", table.Index.as_view(), name="index"),
    path("table/create", table.Create.as_view(), name="create"),
    re_path(r"^table/view/date:(?P<day>[^/]*)\Z", table.Day.as_view(), name="day"),
]
