"""Everybody can use the page: axe finds nothing serious, keys reach everything, a phone shows it whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python")
SCREENS = ("watch", "explain", "diagnose", "data")


def serious(view: Any, **options: Any) -> list[str]:
    """Return axe's serious and critical findings, with what they are about."""
    options = {"resultTypes": ["violations"], **options}  # it takes long to gather what is well
    found = axe.Axe().run(view.page, options=options).response["violations"]
    return [
        f"{each['id']}: {[node['html'][:120] for node in each['nodes'][:3]]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def look_in_both_themes(view: Any, what: str) -> None:
    for theme, options in (("light", {}), ("dark", {"runOnly": {"type": "rule", "values": ["color-contrast"]}})):
        view.page.emulate_media(color_scheme=theme)  # only its colours are another theme's
        view.page.wait_for_selector(f"html[data-theme='{theme}']")
        view.page.wait_for_timeout(100)
        found = serious(view, **options)
        assert not found, f"{what}, {theme}: {found}"


def test_axe_finds_nothing_serious_on_any_screen(watch: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    view = open_page(watch().url, color_scheme="light")
    for epochs in (1, 2):
        view.press("epoch")
        view.until(lambda epochs=epochs: view.step() == 3 * epochs, "an epoch")
    for screen in SCREENS:
        view.show(screen)
        if screen == "explain":
            view.page.wait_for_selector("[data-line]")
        view.page.wait_for_timeout(300)
        look_in_both_themes(view, screen)
    view.page.keyboard.press("?")
    view.page.wait_for_selector("dialog[open]")
    look_in_both_themes(view, "help")


def test_axe_finds_nothing_serious_in_the_lesson_and_where_a_run_has_diverged(
    play: Callable[..., Any], open_page: Callable[..., Any]
) -> None:
    view = open_page(play("--lesson", "moons").url, color_scheme="light")
    view.wait_for_phase("paused")
    view.page.click("[aria-label^='step 4']")
    view.page.click("text=Give me the numbers")
    view.page.wait_for_selector(".numbers dl, .numbers .warn")
    look_in_both_themes(view, "the lesson")
    view.set("Rate", "1e6")
    view.press("play")
    view.page.wait_for_selector("[data-state='diverged']")
    look_in_both_themes(view, "a run that has diverged")


def nothing_scrolls_sideways(view: Any) -> None:
    for screen in SCREENS:
        view.show(screen)
        view.page.wait_for_timeout(300)
        wide = view.page.evaluate(
            """() => document.documentElement.scrollWidth <= 360 ? "" : [...document.querySelectorAll("body *")]
                .filter((each) => each.getBoundingClientRect().right > 361).slice(0, 3)
                .map((each) => each.outerHTML.slice(0, 120)).join(" | ") || "?"  """
        )
        assert not wide, f"{screen}: {wide}"


def test_nothing_scrolls_sideways_on_a_phone(play: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    view = open_page(play("--lesson", "moons").url, viewport={"width": 360, "height": 740})
    view.pause()
    nothing_scrolls_sideways(view)


def test_a_page_with_a_table_becomes_narrow_and_wide_again(
    play: Callable[..., Any], open_page: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "repairs.csv"
    rows = [
        f"{i % 7},{'' if i % 9 == 0 else i % 5},DE,{'a total breakdown' if i % 8 else 'Kaputtgegangenes'}"
        for i in range(80)
    ]
    file.write_text("\n".join(["how often it was used,size,country,state when it came back", *rows]))
    view = open_page(play(str(file), "--target", "state when it came back", "--pace", "50").url)
    view.until(lambda: view.step() > 20, "some updates")
    view.pause()  # nothing that comes in draws it anew
    line = (
        "(canvas => canvas.clientWidth - canvas.parentElement.clientWidth)(document.querySelector('.sparkline canvas'))"
    )
    fits = "the timeline's line to be as wide as its place"
    for width in (360, 1280):
        view.page.set_viewport_size({"width": width, "height": 740})
        view.until(lambda: view.page.evaluate(line) == 0, fits)
        if width == 360:
            nothing_scrolls_sideways(view)
    view.show("data")
    told = "In the whole table: a total breakdown 70 (87.5 %), Kaputtgegangenes 10 (12.5 %)."
    assert view.page.get_by_text(told, exact=True).count() == 1


def test_the_keys_of_the_help_do_what_it_says(watch: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    view = open_page(watch().url)
    view.wait_for_phase("paused")
    keys = view.page.keyboard
    keys.press(".")
    view.until(lambda: view.step() == 1, ". is one update")
    keys.press("Shift+>")
    view.until(lambda: view.step() == 4, "> is one epoch")
    keys.press(",")
    view.until(lambda: view.step() == 1, ", is one frame back")
    keys.press("Home")
    view.until(lambda: view.step() == 0, "Home is the first frame")
    keys.press("End")
    view.until(lambda: view.step() == 4, "End is the newest frame")
    keys.press("]")
    box = view.page.get_by_label("Rate", exact=True)
    view.until(lambda: float(box.input_value()) == 0.3125, "] is 1.25 times the rate")
    keys.press("[")
    view.until(lambda: float(box.input_value()) == 0.25, "[ takes it back")
    keys.press("b")
    view.page.wait_for_selector(".mark-bookmark", state="attached")
    for number, screen in enumerate(SCREENS[1:], 2):
        keys.press(str(number))
        view.page.wait_for_selector(f"main.screen-{screen}")
    keys.press("1")
    view.page.wait_for_selector("main.screen-watch")
    keys.press("e")
    view.page.wait_for_selector("main.screen-explain")
    keys.press("Space")
    view.wait_for_phase("running")
    keys.press("Space")
    view.wait_for_phase("paused")
    keys.press("r")
    view.until(lambda: view.step() == 0, "R rewinds")


def test_every_control_is_reached_by_tab_and_shows_it(watch: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    view = open_page(watch().url)
    view.wait_for_phase("paused")
    reached: set[str] = set()
    for _ in range(60):
        view.page.keyboard.press("Tab")
        found = view.page.evaluate(
            """() => {
                const e = document.activeElement;
                const style = getComputedStyle(e);
                const seen = style.outlineStyle !== "none" || style.boxShadow !== "none" || e === document.body;
                return [e.dataset.command ?? e.dataset.screen ?? e.getAttribute("role") ?? e.tagName, seen];
            }"""
        )
        reached.add(found[0])
        assert found[1], f"{found[0]} has the focus, and nothing shows it"
    assert {"play", "step", "epoch", "rewind", "watch", "explain", "diagnose", "data", "slider"} <= reached
