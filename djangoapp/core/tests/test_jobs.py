"""Work in the background that has its time."""

import itertools

from core.jobs import in_time


def test_what_does_not_fit_into_the_time_is_left_for_the_next_run(monkeypatch):
    clock = itertools.count(0, 4)
    monkeypatch.setattr("core.jobs.monotonic", lambda: next(clock))

    assert list(in_time("abcdefgh", seconds=12)) == ["a", "b"]
    assert list(in_time("abc", seconds=60)) == ["a", "b", "c"]
