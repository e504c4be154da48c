"""Ana, her browser, and her garden."""

import pytest
from django.test import Client

from accounts.models import User
from todos.models import TodoList
from todos.tests.factories import list_of, person
from todos.tests.support import signed_in


@pytest.fixture
def ana() -> User:
    return person()


@pytest.fixture
def client(ana) -> Client:
    return signed_in(ana)


@pytest.fixture
def garden(ana) -> TodoList:
    return list_of(ana, "Rake leaves", "Prune the pear", "Plant garlic")
