"""The benchmark of the live page runs, and a viewer changes nothing of what is learnt."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

pytest.importorskip("uvicorn", reason="pip install 'clearprop[live]'")
pytest.importorskip("starlette", reason="pip install 'clearprop[live]'")


def test_every_kind_of_viewer_is_timed() -> None:
    """The short form: one run of each."""
    spec = importlib.util.spec_from_file_location("live", Path(__file__).with_name("live.py"))
    assert spec is not None
    assert spec.loader is not None
    live = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "live", live)  # dataclasses look there
        spec.loader.exec_module(live)
    found = live.measure(live.JOBS[0], repeats=1, share=0.01)
    assert {viewer: len(times) for viewer, times in found.items()} == {"none": 1, "reading": 1, "stalled": 1}
    assert all(time > 0 for times in found.values() for time in times)
