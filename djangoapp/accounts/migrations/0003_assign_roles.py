from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_api_tokens"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "permissions": [("assign_roles", "Can decide who works here, and in which role")],
                "verbose_name": "user",
                "verbose_name_plural": "users",
            },
        ),
    ]
