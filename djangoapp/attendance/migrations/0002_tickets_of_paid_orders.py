"""Places that were sold before there were tickets get theirs."""

from django.db import migrations

from attendance.models import new_ticket_code

BATCH = 1000


def issue_tickets(apps, schema_editor):
    OrderLine = apps.get_model("shop", "OrderLine")
    Ticket = apps.get_model("attendance", "Ticket")
    alias = schema_editor.connection.alias
    places = OrderLine.objects.using(alias).filter(
        order__status="paid", cancelled_at__isnull=True, ticket__isnull=True
    )
    while lines := list(places.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        Ticket.objects.using(alias).bulk_create(
            Ticket(line_id=line, code=new_ticket_code()) for line in lines
        )


class Migration(migrations.Migration):
    dependencies = [
        ("attendance", "0001_initial"),
    ]

    operations = [migrations.RunPython(issue_tickets, migrations.RunPython.noop)]
