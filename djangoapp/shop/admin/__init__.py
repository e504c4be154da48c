"""The shop's pages in the admin: what is offered is edited here; what money depends on only changes by actions."""

from shop.admin import (
    access,
    carts,
    catalogue,
    coupons,
    invoices,
    ledger,
    orders,
    payments,
    refunds,
    requests,
    sessions,
    waiting,
)

__all__ = [
    "access",
    "carts",
    "catalogue",
    "coupons",
    "invoices",
    "ledger",
    "orders",
    "payments",
    "refunds",
    "requests",
    "sessions",
    "waiting",
]
