"""People for tests, and how they sign in."""

import io
import re
import time

from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import User
from accounts.services import vouch_for_address

PASSWORD = "a heron at the pond"
OTHER_PASSWORD = "two herons at the pond"


def make_user(email: str = "ana@example.org", *, is_confirmed: bool = True, **fields) -> User:
    user = User.objects.create_user(email, PASSWORD, **fields)
    if is_confirmed:
        vouch_for_address(user)
    return user


def sign_in(client: Client, email: str, password: str = PASSWORD, **more):
    """Fill in the form at the door."""
    return client.post(reverse("account_login"), {"login": email, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("accounts:profile")).status_code == 200


def link_in(text: str) -> str:
    """The path of the one link in a mail."""
    [link] = re.findall(r"https?://[^/\s]+(/\S+)", text)
    return link


def picture_file(
    size: tuple[int, int] = (64, 48), kind: str = "PNG", mode: str = "RGB", color="green", **save
) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new(mode, size, color).save(out, kind, **save)
    return SimpleUploadedFile(f"portrait.{kind.lower()}", out.getvalue(), f"image/{kind.lower()}")


def code_of(secret: str, *, periods_off: int = 0) -> str:
    """What an authenticator app shows now, or so many half minutes from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + periods_off))


def give_totp(user: User) -> str:
    """Set up an authenticator app for the user and return its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret
