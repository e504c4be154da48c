from django.urls import path

from payments.views import StripeWebhookView

app_name = "payments"
urlpatterns = [
    path("webhook/", StripeWebhookView.as_view(), name="webhook"),
    path("webhook/<uuid:uuid>/", StripeWebhookView.as_view(), name="webhook_by_uuid"),
]
