"""Stripe's nested form encoding."""

import pytest

from payments.standin.errors import ApiError
from payments.standin.forms import decode


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", {}),
        ("a=1&b=", {"a": "1", "b": ""}),
        ("a[b]=1&a[c][d]=2", {"a": {"b": "1", "c": {"d": "2"}}}),
        ("a[0][b]=x&a[1][b]=y", {"a": {"0": {"b": "x"}, "1": {"b": "y"}}}),
        ("expand[]=x&expand[]=y", {"expand": {"0": "x", "1": "y"}}),
        ("name=caf%C3%A9+%26+sons", {"name": "café & sons"}),
        ("metadata[1]=one", {"metadata": {"1": "one"}}),
    ],
)
def test_decode(text, form):
    assert decode(text) == form


@pytest.mark.parametrize("text", ["a[b=1", "[b]=1", "a=1&a[b]=2", "a[b]=2&a=1", "a=%FF"])
def test_decode_refuses_what_is_malformed(text):
    with pytest.raises(ApiError) as refusal:
        decode(text)

    assert refusal.value.status == 400


def test_decode_refuses_too_many_parameters():
    with pytest.raises(ApiError):
        decode("&".join(f"a{number}=1" for number in range(3000)))
