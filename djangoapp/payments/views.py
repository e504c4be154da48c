"""Where Stripe's notifications arrive. For Stripe only: the signature says whether it is they."""

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from djstripe.views import ProcessWebhookView

from core.network import client_address
from payments.endpoint import endpoint_uuid


@method_decorator(csrf_exempt, name="dispatch")
class StripeWebhookView(ProcessWebhookView):
    """dj-stripe's view, at a fixed address as well as at the endpoint's own."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, uuid=None) -> HttpResponse:
        # dj-stripe stores the address in a column that refuses anything else, before it checks the signature.
        request.META["HTTP_X_FORWARDED_FOR"] = client_address(request)
        request.__dict__.pop("headers", None)
        return super().post(request, uuid or endpoint_uuid())
