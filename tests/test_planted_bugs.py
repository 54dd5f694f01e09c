"""Planted bugs are caught: five always, all thirty in the long form (or ``python tests/planted_bugs.py``)."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest


def script() -> Any:
    spec = importlib.util.spec_from_file_location("planted_bugs", Path(__file__).with_name("planted_bugs.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PLANTED = script()
SHORT = [0, 5, 10, 16, 25]  # a product, a mean term, a normalisation, a block, the best parameters


def test_there_are_thirty_and_each_has_its_place() -> None:
    assert len({(bug.file, bug.old) for bug in PLANTED.BUGS}) == 30
    for bug in PLANTED.BUGS:
        compile(PLANTED.broken(bug, PLANTED.PACKAGE), bug.file, "exec")
        assert bug.old != bug.new


@pytest.mark.parametrize("number", SHORT, ids=lambda number: PLANTED.BUGS[number].what)
def test_five_are_caught(number: int) -> None:
    assert PLANTED.caught_by(PLANTED.BUGS[number])


def test_a_text_that_is_not_there_once_is_said() -> None:
    for old, count in (("no such text", 0), ("import", r"\d+")):
        with pytest.raises(ValueError, match=rf"network\.py: found {count} times, once is needed"):
            PLANTED.broken(PLANTED.Bug("", "network.py", old, "", ""), PLANTED.PACKAGE)


@pytest.mark.long
def test_all_thirty_are_caught(capsys: pytest.CaptureFixture[str]) -> None:
    status = PLANTED.main([])
    assert status == 0, capsys.readouterr().out
