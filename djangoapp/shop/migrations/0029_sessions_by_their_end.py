from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0028_provider_statements")]

    operations = [
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["ends_at"], name="shop_session_by_end"),
        ),
    ]
