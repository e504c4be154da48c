"""The groups whose people write, and those who look after all posts."""

from django.db import migrations

GROUPS = {
    "authors": ["add_post"],
    "editors": [
        "add_post", "change_post", "delete_post", "view_post", "add_tag", "change_tag", "delete_tag", "view_tag",
    ],
}  # fmt: skip
NAMES = {"add": "Can add", "change": "Can change", "delete": "Can delete", "view": "Can view"}


def make_groups(apps, schema_editor):
    """Permissions are made after all migrations; what is missing of them until then is made here."""
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    alias = schema_editor.connection.alias
    for name, codenames in GROUPS.items():
        group, _is_new = Group.objects.using(alias).get_or_create(name=name)
        for codename in codenames:
            verb, _sep, model = codename.partition("_")
            kind, _is_new = ContentType.objects.using(alias).get_or_create(app_label="blog", model=model)
            permission, _is_new = Permission.objects.using(alias).get_or_create(
                content_type=kind, codename=codename, defaults={"name": f"{NAMES[verb]} {model}"}
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    # Going back leaves the groups: people may be in them.
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
