"""The shop with the stand-in beside it, in one process: what a laptop serves.

The only module of the package that needs Django; local settings name it as their application.
"""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from . import StandIn, mount

shop = get_wsgi_application()

# dj-stripe's models can be imported only now that the apps are ready.
from payments.endpoint import EVENTS  # noqa: E402

standin = StandIn(
    webhook_url=f"{settings.SITE_URL}/stripe/webhook/",
    webhook_secret=settings.STRIPE_WEBHOOK_SECRET,
    enabled_events=EVENTS,
    state_file=settings.STRIPE_STANDIN_STATE,
)
application = mount(standin, shop, "/stripe-standin")
