"""Addresses of carts and orders: the visitor's own only."""

from django.urls import path

from shop.views import cart, checkout, finding, invoices, letters, order_changes, orders, waiting

_ORDER = "orders/<slug:code>/<slug:token>/"
_ENTRY = "waiting/<int:pk>/<slug:token>/"

urlpatterns = [
    path("cart/", cart.cart, name="cart"),
    path("cart/add/", cart.cart_add, name="cart_add"),
    path("cart/set/", cart.cart_set, name="cart_set"),
    path("cart/extend/", cart.cart_extend, name="cart_extend"),
    path("cart/coupon/", cart.coupon_redeem, name="coupon_redeem"),
    path("cart/coupon/drop/", cart.coupon_drop, name="coupon_drop"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("orders/find/", finding.order_find, name="order_find"),
    path("orders/find/asked/", finding.order_find_asked, name="order_find_asked"),
    path(_ORDER, orders.order_detail, name="order_detail"),
    path(f"{_ORDER}return/", orders.order_return, name="order_return"),
    path(f"{_ORDER}status/", orders.order_status, name="order_status"),
    path(f"{_ORDER}pay/", orders.order_pay, name="order_pay"),
    path(f"{_ORDER}cancel/", orders.order_cancel, name="order_cancel"),
    path(f"{_ORDER}again/", orders.order_again, name="order_again"),
    path(f"{_ORDER}letters/", letters.order_letters, name="order_letters"),
    path(f"{_ORDER}invoice.pdf", invoices.invoice, name="order_invoice"),
    path(f"{_ORDER}invoices/", invoices.invoice_list, name="order_invoices"),
    path(f"{_ORDER}invoices/<slug:number>.pdf", invoices.numbered, name="order_invoice_numbered"),
    path(f"{_ORDER}give-up/", order_changes.give_up, name="order_give_up"),
    path(f"{_ORDER}move/", order_changes.move, name="order_move"),
    path(f"{_ORDER}names/", order_changes.names, name="order_names"),
    path(f"{_ORDER}refund-request/", order_changes.ask_for_refund, name="order_ask"),
    path(f"{_ORDER}refund-request/withdraw/", order_changes.withdraw_request, name="order_ask_withdraw"),
    path(f"{_ORDER}calendar.ics", orders.order_ics, name="order_ics"),
    path("sessions/<slug:slug>/waiting/", waiting.join, name="waiting_join"),
    path(_ENTRY, waiting.entry, name="waiting_entry"),
    path(f"{_ENTRY}take/", waiting.take, name="waiting_take"),
    path(f"{_ENTRY}leave/", waiting.leave, name="waiting_leave"),
    path("account/bookings/", orders.bookings, name="bookings"),
]
