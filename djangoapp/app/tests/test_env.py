"""The environment is read by type, from variables or mounted files, and never guessed."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from app import env


def test_a_value_may_come_from_a_mounted_file(monkeypatch, tmp_path):
    secret = tmp_path / "key"
    secret.write_text("hush\n")
    monkeypatch.setenv("SHOP_KEY_FILE", str(secret))

    assert env.text("SHOP_KEY") == "hush"


def test_a_value_and_a_file_at_once_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("SHOP_KEY", "a")
    monkeypatch.setenv("SHOP_KEY_FILE", str(tmp_path / "key"))

    with pytest.raises(ImproperlyConfigured, match="either SHOP_KEY or SHOP_KEY_FILE"):
        env.text("SHOP_KEY")


def test_a_file_that_cannot_be_read_is_named_by_its_variable(monkeypatch, tmp_path):
    monkeypatch.setenv("SHOP_KEY_FILE", str(tmp_path / "missing"))

    with pytest.raises(ImproperlyConfigured, match="SHOP_KEY_FILE cannot be read"):
        env.text("SHOP_KEY")


@pytest.mark.parametrize("value", ["", "   "])
def test_empty_counts_as_unset(value, monkeypatch):
    monkeypatch.setenv("SHOP_KEY", value)

    assert env.text("SHOP_KEY", "default") == "default"
    with pytest.raises(ImproperlyConfigured, match=r"Set SHOP_KEY .* it is needed"):
        env.required("SHOP_KEY", because="it is needed")


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("1", True), ("No", False), ("off", False)])
def test_flags(value, expected, monkeypatch):
    monkeypatch.setenv("SHOP_FLAG", value)

    assert env.flag("SHOP_FLAG", default=not expected) is expected


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda name: env.flag(name, default=True), "perhaps"),
        (lambda name: env.integer(name, default=1), "twelve"),
        (lambda name: env.integer(name, default=1, at_least=1), "0"),
        (env.address, "shop.example.org"),
        (lambda name: env.choice(name, ("line", "json"), "line"), "yaml"),
    ],
)
def test_what_cannot_be_understood_is_refused_without_being_told(read, value, monkeypatch):
    monkeypatch.setenv("SHOP_VALUE", value)

    with pytest.raises(ImproperlyConfigured) as refusal:
        read("SHOP_VALUE")

    assert "SHOP_VALUE" in str(refusal.value)
    assert value not in str(refusal.value)


def test_words_are_taken_in_whatever_case(monkeypatch):
    monkeypatch.setenv("SHOP_LEVEL", "warning")

    assert env.choice("SHOP_LEVEL", ("INFO", "WARNING"), "INFO") == "WARNING"


def test_lists_and_addresses(monkeypatch):
    monkeypatch.setenv("SHOP_HOSTS", "a.example.org, b.example.org,")
    monkeypatch.setenv("SHOP_URL", "https://shop.example.org/")

    assert env.listing("SHOP_HOSTS") == ["a.example.org", "b.example.org"]
    assert env.address("SHOP_URL") == "https://shop.example.org"
