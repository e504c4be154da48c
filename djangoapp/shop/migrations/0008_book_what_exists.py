from django.db import migrations

CHUNK = 500


def book(apps, schema_editor):
    """Book what was sold, received and returned before there was a ledger, each at its own instant."""
    order_model = apps.get_model("shop", "Order")
    entry_model = apps.get_model("shop", "LedgerEntry")
    orders = order_model.objects.order_by("pk").prefetch_related("lines", "payments__refunds")
    waiting = []
    for order in orders.iterator(chunk_size=CHUNK):
        waiting += entries_of(order, entry_model)
        if len(waiting) >= CHUNK:
            entry_model.objects.bulk_create(waiting)
            waiting = []
    entry_model.objects.bulk_create(waiting)


def entries_of(order, entry_model):
    if order.paid_at:
        for line in order.lines.all():
            yield of_line(entry_model, order, line, "sale", 1, order.paid_at, f"sold:{line.pk}")
            if line.cancelled_at:
                key = f"given-up:{line.pk}"
                yield of_line(entry_model, order, line, "cancellation", -1, line.cancelled_at, key)
    for payment in order.payments.all():
        if payment.status in {"paid", "mismatched"}:
            received = payment.received_amount
            yield of_money(
                entry_model, payment, "payment", received, payment.paid_at, f"payment:{payment.pk}"
            )
        for refund in payment.refunds.all():
            if refund.done_at is None:
                continue
            yield of_money(
                entry_model, payment, "refund", -refund.amount, refund.done_at, f"refund:{refund.pk}", refund
            )
            if refund.status == "failed":
                key = f"refund-failed:{refund.pk}"
                yield of_money(
                    entry_model, payment, "refund_failed", refund.amount, refund.updated_at, key, refund
                )


def of_line(entry_model, order, line, kind, sign, at, key):
    return entry_model(
        kind=kind,
        order=order,
        line=line,
        session_id=line.session_id,
        amount=sign * line.price,
        tax_name=line.tax_name,
        tax_rate=line.tax_rate,
        tax=sign * line.tax,
        currency=order.currency,
        booked_at=at,
        key=key,
    )


def of_money(entry_model, payment, kind, amount, at, key, refund=None):
    return entry_model(
        kind=kind,
        order_id=payment.order_id,
        payment=payment,
        refund=refund,
        provider=payment.provider,
        amount=amount,
        currency=(payment.received_currency or payment.currency).upper(),
        booked_at=at,
        key=key,
    )


class Migration(migrations.Migration):
    dependencies = [("shop", "0007_ledger")]

    operations = [migrations.RunPython(book, migrations.RunPython.noop)]
