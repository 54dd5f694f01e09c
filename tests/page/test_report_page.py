"""A report opens from a file, scrubs with nobody behind it, and says in words what it can't do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clearprop.live.saved import recorded

RECORD = """
import clearprop as cp
from clearprop.live.commands import Commands
from clearprop.live.saved.recorded import save
from clearprop.live.recording import Recording
from clearprop.live.watching import Watching

recording = Recording()
watching = Watching(recording, Commands())
watching.always = True
recording.tell({"type": "hello", "version": 1, "title": "moons <b>bold</b>", "controls": [], "optimizers": [],
                "activations": [], "losses": [], "datasets": [], "lesson": None})


class Often(cp.Callback):
    def on_step(self, training):
        recording.add_frame(watching.branch, training.progress)


x, y = cp.datasets.make("moons", 150)
layers = [cp.Dense(16, "leaky_relu"), cp.Dense(16, "leaky_relu"), cp.Dense(1, "sigmoid")]
cp.train(
    cp.Network(2, layers), x, y, loss="binary_cross_entropy", optimizer=cp.SGD(0.25), steps=520, rng=0,
    callbacks=[watching, Often()], engine="reference",
)
save(recording, "run.safetensors")
"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """Record 500 frames of moons and make their report by the command line."""
    subprocess.run([sys.executable, "-c", RECORD], cwd=tmp_path, check=True)  # noqa: S603 - the test's own script
    command = "from clearprop.cli.main import run; run()"
    arguments = ["report", "run.safetensors", "-o", "run.html"]
    subprocess.run([sys.executable, "-c", command, *arguments], cwd=tmp_path, check=True)  # noqa: S603 - as above
    return tmp_path / "run.html"


def test_a_report_opens_from_a_file_and_scrubs_offline(report: Path, open_page: Callable[..., Any]) -> None:
    frames = recorded.load(report.with_name("run.safetensors")).frames.values()
    assert len(frames) == 500
    assert report.stat().st_size <= 5_000_000
    view = open_page(report.as_uri())
    view.page.context.set_offline(True)
    assert view.scrub("Home") == 0
    expected = sorted((header["step"], header["loss"]) for header, _ in frames)
    for place in (1, 2, 3):
        assert view.scrub("ArrowRight") == expected[place][0]
        assert view.loss() == pytest.approx(expected[place][1], abs=1e-12)
    assert view.scrub("End") == 520
    assert view.page.locator("b").count() == 0  # a title is text
    assert "moons <b>bold</b>" in view.said()
    for screen in ("explain", "diagnose", "data", "watch"):
        view.show(screen)
        view.page.wait_for_timeout(200)
        assert "NaN" not in view.said()
    view.show("explain")
    assert "Python" in view.page.inner_text("main")


def test_a_report_on_a_phone_has_no_sideways_scroll(report: Path, open_page: Callable[..., Any]) -> None:
    view = open_page(report.as_uri(), viewport={"width": 360, "height": 740})
    view.step()
    assert view.page.evaluate("document.documentElement.scrollWidth") <= 360
