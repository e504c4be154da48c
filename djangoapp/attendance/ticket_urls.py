"""Addresses of tickets: each is a secret of its own."""

from django.urls import path

from attendance.views import tickets

app_name = "tickets"
urlpatterns = [
    path("<slug:code>/", tickets.ticket, name="ticket"),
    path("<slug:code>/ticket.pdf", tickets.pdf, name="pdf"),
    path("<slug:code>/redeem/", tickets.redeem, name="redeem"),
    path("<slug:code>/undo/", tickets.undo, name="undo"),
    path("order/<slug:code>/<slug:token>/tickets.pdf", tickets.order, name="order"),
]
