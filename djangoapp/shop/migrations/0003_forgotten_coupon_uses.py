"""Take the addresses out of the coupon uses of orders that were anonymised before their uses were."""

from django.db import migrations

FORGOTTEN = "forgotten@invalid"


def forget_buyers(apps, schema_editor):
    uses = apps.get_model("shop", "CouponRedemption").objects.using(schema_editor.connection.alias)
    uses.filter(order__email=FORGOTTEN).exclude(buyer_email=FORGOTTEN).update(buyer_email=FORGOTTEN)


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_unchangeable_books")]

    operations = [migrations.RunPython(forget_buyers, migrations.RunPython.noop)]
