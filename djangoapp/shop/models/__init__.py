"""The shop's models: what is offered, what is in carts, what was ordered and paid."""

from shop.models.access import NOTHING, AccessCode, Opened
from shop.models.cancellations import SessionCancellation
from shop.models.carts import Cart, CartLine
from shop.models.catalogue import Category, Project, Session, TaxRule
from shop.models.coupons import Coupon, CouponBatch, CouponRedemption
from shop.models.history import Transition
from shop.models.inspection import Finding, Inspection
from shop.models.invoices import Invoice, InvoiceCounter
from shop.models.ledger import LedgerEntry
from shop.models.letters import NoThanks, SessionLetter
from shop.models.orders import Order, OrderLine
from shop.models.payments import Payment
from shop.models.policies import CancellationPolicy
from shop.models.refunds import Dispute, Refund, RefundShare
from shop.models.requests import RefundRequest
from shop.models.statements import ProviderMovement, ProviderStatement
from shop.models.waiting import WaitingEntry

__all__ = [
    "NOTHING",
    "AccessCode",
    "CancellationPolicy",
    "Cart",
    "CartLine",
    "Category",
    "Coupon",
    "CouponBatch",
    "CouponRedemption",
    "Dispute",
    "Finding",
    "Inspection",
    "Invoice",
    "InvoiceCounter",
    "LedgerEntry",
    "NoThanks",
    "Opened",
    "Order",
    "OrderLine",
    "Payment",
    "Project",
    "ProviderMovement",
    "ProviderStatement",
    "Refund",
    "RefundRequest",
    "RefundShare",
    "Session",
    "SessionCancellation",
    "SessionLetter",
    "TaxRule",
    "Transition",
    "WaitingEntry",
]
