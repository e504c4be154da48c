"""How often one visitor may change a cart or try a code."""

from django.conf import settings

from core.limits import Limit

CHANGES = Limit("cart", times=60, minutes=1)
# New carts cost nothing, so what one network may hold has a ceiling, too.
PLACES_HELD = Limit("places", times=90, minutes=settings.SHOP_HOLD_MINUTES)
# Coupons and access codes are guessed alike, so they count together.
CODE_TRIES = Limit("coupon", times=15, minutes=10)
CODE_TRIES_PER_CART = Limit("coupon-cart", times=8, minutes=10)
