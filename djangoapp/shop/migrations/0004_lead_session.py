from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0003_indexes_for_staff"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="session",
            options={
                "ordering": ["starts_at", "pk"],
                "permissions": [("lead_session", "Can look after the sessions they lead")],
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
            },
        ),
    ]
