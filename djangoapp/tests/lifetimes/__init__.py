"""The lives of orders, drawn at random: sold, paid, moved, given up, refunded, waited for, let in; legally or not.

A state machine draws what people, banks, workers and the clock do. After each step everything that must agree is
counted anew. `make lifetimes N=300` plays that many lives; a few are a test.
"""

import pytest

pytest.register_assert_rewrite("tests.lifetimes.studio", "tests.lifetimes.afterwards")
