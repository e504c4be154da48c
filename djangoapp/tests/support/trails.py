"""What tests arrange leaves no trail: only what staff sends within them does."""

from collections.abc import Iterator

import pytest
from auditlog.context import auditlog_disabled


@pytest.fixture(autouse=True)
def no_trail_of_arrangements() -> Iterator[None]:
    before = auditlog_disabled.set(True)
    yield
    auditlog_disabled.reset(before)
