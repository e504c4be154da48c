"""A door with its keeper."""

import pytest
from django.test import Client

from accounts.models import User
from attendance.tests.factories import door_staff, session_today
from attendance.tests.visiting import signed_in
from shop.models import Session


@pytest.fixture
def session(db) -> Session:
    return session_today()


@pytest.fixture
def dora(db) -> User:
    """She works at every door."""
    return door_staff()


@pytest.fixture
def door(dora) -> Client:
    """Her telephone, or what stands for it."""
    return signed_in(dora)
