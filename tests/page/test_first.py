"""The first picture, the run's own buttons, and what survives a reload or the end of the run's program."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any


def test_the_first_frame_comes_soon_and_nothing_leaves_the_machine(
    play: Callable[..., Any], open_page: Callable[..., Any]
) -> None:
    began = monotonic()
    run = play()
    view = open_page(run.url)
    view.step()
    taken = monotonic() - began
    assert taken < 20, "3 s on a machine of its own (benchmarks/live.py measures it); far more is a fault"
    assert "token" not in view.page.url  # it was taken out of the address at once
    assert view.page.evaluate("document.querySelectorAll('*').length") < 1500


def test_pause_freezes_one_update_is_one_and_one_epoch_is_every_row(
    watch: Callable[..., Any], open_page: Callable[..., Any]
) -> None:
    view = open_page(watch("paused=False").url)
    stands = view.pause()
    view.page.wait_for_timeout(700)
    assert view.step() == stands
    for name, more in (("step", 1), ("step", 1), ("epoch", 3), ("epoch", 3)):  # 40 rows in batches of 16
        view.press(name)
        stands += more
        view.until(lambda stands=stands: view.step() == stands, f"step {stands} after one {name}")
        view.page.wait_for_timeout(200)
        assert (view.step(), view.phase()) == (stands, "paused")


def test_a_reload_keeps_the_history(play: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    view = open_page(play().url)
    view.until(lambda: view.step() > 200, "some steps")
    view.pause()
    before = [view.scrub("Home"), view.loss(), view.scrub("ArrowRight", 3), view.loss()]
    view.page.reload()
    view.wait_for_phase("paused")
    view.page.wait_for_timeout(500)
    assert [view.scrub("Home"), view.loss(), view.scrub("ArrowRight", 3), view.loss()] == before


def test_a_killed_run_leaves_a_page_that_can_be_looked_through(
    play: Callable[..., Any], open_page: Callable[..., Any]
) -> None:
    run = play()
    view = open_page(run.url, gone=True)
    view.until(lambda: view.step() > 200, "some steps")
    view.pause()
    run.process.kill()
    run.process.wait()
    view.page.wait_for_selector("[data-state='disconnected']")
    last = view.step()
    assert view.scrub("Home") == 0
    assert view.loss() > 0
    assert view.scrub("End") == last


def test_a_second_tab_watches_until_it_takes_control(play: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    first = open_page(play().url)
    first.pause()
    origin = first.page.url
    second = open_page(origin, context=first.page.context)
    second.page.wait_for_selector("[data-state='second-tab']")
    stands = second.step()
    second.page.click("[data-state='second-tab'] button")
    second.page.wait_for_selector("[data-state='second-tab']", state="detached")
    second.press("step")
    second.until(lambda: second.step() == stands + 1, "the second tab's update")
    first.page.wait_for_selector("[data-state='second-tab']")


def test_a_link_opens_once(play: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    run = play()
    open_page(run.url).step()
    other = open_page(run.url, expected="status of 40[13]")  # another browser, without the first one's cookie
    other.page.wait_for_selector("[data-state='bad-token']")
