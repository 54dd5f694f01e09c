"""A run is steered from the page: rate, history, branches, a run that diverges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_a_live_rate_is_used_at_once_and_marked(watch: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    run = watch()
    view = open_page(run.url, gone=True)
    for _ in range(3):
        view.press("epoch")
        view.page.wait_for_timeout(200)
    view.until(lambda: view.step() == 9, "three epochs")
    view.set("Rate", "0.03")
    view.page.wait_for_selector(".mark-command[title^='step 9: rate']", state="attached")
    assert view.step() == 9  # no reset
    view.press("step")
    view.until(lambda: view.step() == 10, "the next update")
    view.press("finish")
    rates = run.result().history["rate"]
    assert rates[:9].tolist() == [0.25] * 9
    assert abs(rates[9] - 0.03) < 1e-12


def losses(view: Any, count: int) -> list[float]:
    """Do single updates and read the loss after each."""
    start, found = view.step(), []
    for k in range(1, count + 1):
        view.press("step")
        view.until(lambda k=k: view.step() == start + k, f"step {start + k}")
        view.page.wait_for_timeout(60)
        found.append(view.loss())
    return found


def test_a_rewind_repeats_the_losses_bit_for_bit(watch: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    view = open_page(watch().url)
    view.step()
    first = losses(view, 6)
    view.press("rewind")
    view.until(lambda: view.step() == 0, "the start")
    view.wait_for_phase("paused")
    assert losses(view, 6) == first
    assert len(set(first)) == 6
    view.press("seed")
    view.until(lambda: view.step() == 0, "another start")
    assert losses(view, 6) != first


def test_scrubbing_shows_that_frame_and_continuing_makes_a_branch(
    watch: Callable[..., Any], open_page: Callable[..., Any]
) -> None:
    view = open_page(watch().url)
    view.step()
    first = losses(view, 8)
    assert view.scrub("ArrowLeft", 4) == 4
    assert view.loss() == first[3]
    view.press("continue")
    chooser = view.page.get_by_label("Which run")
    chooser.wait_for()
    view.wait_for_phase("paused")
    assert view.step() == 4
    assert losses(view, 4) == first[4:]  # exact: the optimiser's memory and the order of rows go on as they would have
    assert chooser.locator("option").count() == 2
    chooser.select_option(index=0)
    view.page.wait_for_timeout(300)
    assert view.scrub("End") == 8
    assert view.loss() == first[7]


def test_a_runaway_is_a_state_with_a_way_back(play: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    view = open_page(play().url)
    view.pause()
    view.set("Rate", "1e6")
    view.page.wait_for_timeout(300)
    view.press("play")
    view.page.wait_for_selector("[data-state='diverged']")
    assert "diverged at step" in view.page.inner_text("[data-state='diverged']")
    assert "NaN" not in view.said()
    assert "Infinity" not in view.said()
    view.page.click("[data-state='diverged'] [data-command='recover'] >> nth=0")
    view.page.wait_for_selector("[data-state='diverged']", state="detached")
    view.wait_for_phase("paused")
    assert view.loss() < 100
    assert "NaN" not in view.said()
