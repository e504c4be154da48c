"""What the page of an order says: how it stands, in a headline; what it holds; what happened so far."""

from shop.order_page.page import OrderPage
from shop.order_page.rows import Booked, Row, booked_sessions, row_of
from shop.order_page.ways import provider_label

__all__ = ["Booked", "OrderPage", "Row", "booked_sessions", "provider_label", "row_of"]
