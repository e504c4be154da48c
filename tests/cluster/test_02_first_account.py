"""The first staff account is made in the pod, as the handbook says, and opens the admin."""

from cluster.visitor import Visitor

PASSWORD = "a long enough rehearsal"


def test_the_owner_signs_in_to_the_admin(shop):
    made = "python manage.py createsuperuser --noinput --email owner@example.org"
    shop.execute("web", "env", f"DJANGO_SUPERUSER_PASSWORD={PASSWORD}", *made.split())
    owner = Visitor(shop.door())

    owner.sign_in("owner@example.org", PASSWORD)
    page = owner.get("/admin/")

    # Without a second factor the first page is the one that sets it up.
    assert page.status == 200
    assert "/account/2fa/" in page.url or "/account/" in page.url
    assert shop.python(
        "import json; from accounts.models import User; "
        "print(json.dumps(list(User.objects.filter(is_superuser=True).values_list('email', flat=True))))"
    ) == ["owner@example.org"]


def test_there_is_no_account_that_nobody_made(shop):
    count = shop.python(
        "import json; from accounts.models import User; "
        "print(json.dumps(User.objects.filter(is_staff=True).exclude(email='owner@example.org').count()))"
    )

    assert count == 0
