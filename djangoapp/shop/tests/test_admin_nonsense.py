"""What no browser would send is answered as a form that says what is wrong, or led back, and never by a failure."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db

NONSENSE = "\x95¡\x0b\U000b4776\x9fXj"


@pytest.mark.parametrize("key", [NONSENSE, "-2.192588765440138e+216", "NaN", "²", "9" * 40])
@pytest.mark.parametrize("model", ["accesscode", "coupon", "session"])
def test_a_key_that_is_none_is_told_beside_its_field(owner, model, key):
    answer = owner.post(reverse(f"admin:shop_{model}_add"), {"project": key, "session": key, "host": key})

    assert answer.status_code == 200
    assert answer.context["errors"]
