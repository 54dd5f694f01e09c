"""The benchmark of the live page runs, and a viewer changes nothing of what is learnt."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from threading import Event

import live_page
import pytest

import live


def test_every_kind_of_viewer_is_timed() -> None:
    """The short form: a second and a half of each, every other quarter of a second watched."""
    found = live.measure(live.JOBS[0], quarters=6)
    assert {viewer: len(pairs) for viewer, pairs in found.items()} == {"reading": 2, "stalled": 2}
    assert all(time > 0 for pairs in found.values() for pair in pairs for time in pair)


def test_only_every_second_quarter_is_watched() -> None:
    """The pictures that a page takes fall into the odd ones."""
    page, came = live.cp.Live(open_browser=False), Event()
    came.set()
    looks: list[int] = []
    page.on_epoch = lambda _: looks.append(len(alternating.quarters))
    alternating = live.Alternating(page, 4, came)
    live.cp.train(**live.prepare(live.JOBS[0]), steps=live.STEPS, callbacks=[alternating])
    page.close()
    assert set(looks) == {1, 3}
    assert all(seconds >= live.QUARTER for _, seconds in alternating.quarters)


def test_the_cost_is_the_median_of_what_the_pairs_say() -> None:
    """A slow spell of the machine is in both of a pair."""
    found = {
        "a job": {"reading": [(1.0, 1.1), (2.0, 2.2), (4.0, 4.4)], "stalled": [(1.0, 1.0), (2.0, 2.0), (4.0, 4.0)]}
    }
    assert live.costs(found)[1] == ["a job", "2.00", "2.20 (+10.0 ± 0.0 %)", "2.00 (+0.0 ± 0.0 %)"]


def test_the_scatter_is_a_box_plots_notch() -> None:
    """1.57 times the middle half's width, over √n: of 1, 2, … 9 it is 1.57 · 4 / 3."""
    assert live.scatter([float(k) for k in range(1, 10)]) == pytest.approx(1.57 * 4 / 3)


def test_the_tables_have_their_place_in_the_docs(tmp_path: Path) -> None:
    """The markers stand in docs/live.md."""
    copy = tmp_path / "live.md"
    copy.write_text(live.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    live.page.put("live", "| a table |", copy)
    assert "| a table |\n<!-- end of live -->" in copy.read_text(encoding="utf-8")


@pytest.mark.skipif(
    importlib.util.find_spec("playwright") is None or not (shutil.which("chromium") or shutil.which("google-chrome")),
    reason="pip install playwright; apt-get install chromium",
)
def test_the_page_is_measured_in_a_browser() -> None:
    """The short form, with bounds that a busy machine keeps, too; the figures are held to in docs/live.md."""
    found = live_page.measure(repeats=1, seconds=1, soak=1)
    assert 0 < found.first < 20
    assert 0 < found.share <= 1
    assert 1 <= found.pictures < 40
    assert len(found.answers) == 4
    assert min(found.answers) < 400
    assert 0 < found.elements < 1500
    assert abs(found.growth) < 20e6
    assert len(live_page.rows(found)) == 7
