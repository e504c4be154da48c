"""Addresses that everybody may open."""

from django.urls import path

from shop.views import access, catalogue

urlpatterns = [
    path("sessions/", catalogue.session_list, name="session_list"),
    path("sessions.ics", catalogue.feed, name="feed"),
    path("sessions/<slug:slug>/", catalogue.session_detail, name="session_detail"),
    path("sessions/<slug:slug>.ics", catalogue.session_ics, name="session_ics"),
    path("unlock/", access.unlock, name="unlock"),
    path("projects/", catalogue.project_list, name="project_list"),
    path("projects/<slug:slug>/", catalogue.project_detail, name="project_detail"),
]
