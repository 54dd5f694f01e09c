"""The queue of commands: bounded, and never left without an answer."""

from __future__ import annotations

import pytest

from clearprop.errors import ClearpropError, InputError
from clearprop.live.commands import Commands


def test_nothing_waits_for_an_answer_after_the_end() -> None:
    commands = Commands()
    first = commands.submit("a", "play", {})
    commands.close("it is over")
    second = commands.submit("a", "play", {})
    for future in (first, second):
        with pytest.raises(ClearpropError, match="it is over"):
            future.result(1)


def test_a_queue_is_bounded() -> None:
    commands = Commands()
    futures = [commands.submit("a", "play", {}) for _ in range(65)]
    assert [future.done() for future in futures] == [False] * 64 + [True]
    with pytest.raises(InputError, match="64 commands wait"):
        futures[-1].result(1)
