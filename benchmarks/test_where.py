"""That the page of where the time goes can be written, and that a step's parts are counted right. No timing."""
# ruff: noqa: D103 - a test's name says what it holds

from dataclasses import replace

import profiles
import pytest
import where

from clearprop.bench.jobs import JOBS

SMALL = replace(JOBS["C"], sizes=(5, 4, 3), rows=64, batch=16)


@pytest.mark.parametrize(
    "section", ["machine", *(f"job {name}" for name, _ in where.CASES), "experiments", "memory", "tiles"]
)
def test_the_page_has_a_place_for_each_section(section, tmp_path, monkeypatch):
    copy = tmp_path / "page.md"
    copy.write_text(where.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(where, "PAGE", copy)
    where.put(section, "new text")
    assert f"{section}: written by benchmarks/where.py -->\nnew text\n<!-- end of {section} -->" in copy.read_text()


def test_a_section_that_the_page_lacks_is_named():
    with pytest.raises(ValueError, match="nowhere: written by"):
        where.put("nowhere", "")


def test_multiply_adds_of_a_step():
    assert profiles.multiply_adds(SMALL) == 16 * (2 * 5 * 4 + 3 * 4 * 3)


def test_numpy_calls_of_a_step():
    calls = profiles.numpy_calls(SMALL, "float32")
    assert calls["dot"] == 5 + 2 + 2  # products; bias gradients; is anything not finite, asked twice
    assert calls["exp"] == 2  # softmax, and the loss from z
    assert calls["copy"] == 1


@pytest.mark.long
def test_every_part_of_a_step_takes_time(monkeypatch):
    monkeypatch.setattr(profiles, "_TIME", 1e-4)
    monkeypatch.setattr(profiles, "_RUN", 1e-3)
    monkeypatch.setattr(profiles, "_ROUNDS", 1)
    found = profiles.profile(SMALL, "float32")
    assert all(parts[part] > 0 for parts in found.values() for part in profiles.PARTS[:6])
    assert found["compiled"][profiles.CHECKS] == 0  # they are in the update
