"""PostgreSQL refuses to change what is in the books: whatever the code does, and whoever is at its own prompt."""

from django.db import migrations

TABLES = ("shop_ledgerentry", "shop_invoice")

REFUSE = """
CREATE OR REPLACE FUNCTION shop_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The books are only ever added to: a mistake is put right by another entry.'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
""" + "".join(
    f"CREATE OR REPLACE TRIGGER {table}_unchangeable BEFORE UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION shop_refuse_change();\n"
    for table in TABLES
)

ALLOW = (
    "".join(f"DROP TRIGGER {table}_unchangeable ON {table};\n" for table in TABLES)
    + "DROP FUNCTION shop_refuse_change();"
)


def refuse_changes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REFUSE)


def allow_changes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ALLOW)


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]

    operations = [migrations.RunPython(refuse_changes, allow_changes)]
