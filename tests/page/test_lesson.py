"""The whole lesson by keyboard alone, as someone without a mouse would do it: all seven steps are done."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

FOCUSED = """name => {
    const e = document.activeElement;
    return /^[[#.]/.test(name) ? e.matches(name) : (e.getAttribute("aria-label") ?? e.textContent).trim() === name;
}"""


class Keyboard:
    """Reaches each thing by Tab, and uses it by keys."""

    def __init__(self, view: Any) -> None:
        self.view, self.keys = view, view.page.keyboard

    def reach(self, name: str) -> None:
        """Press Tab until something has the focus: by a selector, or by the words on it."""
        for _ in range(150):
            if self.view.page.evaluate(FOCUSED, name):
                return
            self.keys.press("Tab")
        raise AssertionError(f"Tab doesn't reach {name!r}")

    def press(self, name: str, key: str = "Enter") -> None:
        self.reach(name)
        self.keys.press(key)

    def write(self, name: str, text: str) -> None:
        self.reach(name)
        self.keys.insert_text(text)

    def done(self, step: int) -> None:
        """Wait until the page itself sees that a step is done; then go to the next, if there is one."""
        panel = self.view.page.locator(".lesson")
        self.view.until(
            lambda: f"Lesson: {step} of 7 steps" in panel.inner_text() and "✓ Done." in panel.inner_text(),
            f"step {step} of the lesson is done",
        )
        if step < 7:
            self.press("Next")


def test_the_whole_lesson_by_keyboard(play: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    view = open_page(play("--lesson", "moons").url)
    view.wait_for_phase("paused")
    hand = Keyboard(view)

    hand.press("#lesson-prediction", "ArrowDown")
    hand.press("[data-command='play']")
    hand.done(1)

    hand.press("Begin without a hidden layer")
    hand.press("[aria-label='Pace']", "End")  # flat out: nobody need wait
    hand.done(2)

    hand.press("Begin with two layers of 16")
    hand.reach(".network-canvas")
    seen = set()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowDown"):
        hand.keys.press(key)
        view.page.wait_for_timeout(50)
        seen.add(view.page.inner_text("[data-part='network-readout']").partition(" · ")[0])
    assert len(seen) == 3, f"the arrow keys lead to three neurons: {seen}"
    hand.press("[data-command='pause']")  # before so much is learnt that nothing comes back to step 4's unit
    for k in (1, 2, 3):
        hand.write(f"#lesson-unit{k}", "below a line")
    hand.done(3)

    hand.press("Pause here")
    hand.press("Give me the numbers")
    view.until(lambda: view.page.locator(".numbers dl, .numbers .warn").count(), "an answer")
    given = view.page.inner_text(".numbers dl").replace("−", "-")
    number = r"= (-?[\d.e-]+)"
    x1, x2 = (float(each) for each in re.findall(f"x {number}", given))
    w1, w2 = (float(each) for each in re.findall(f"w {number}", given))
    (bias,), (error,) = (re.findall(f"{name} {number}", given) for name in ("b", "∂ℓ/∂z"))
    for text in (f"{w1 * x1 + w2 * x2 + float(bias):.3f}", f"{float(error) * x1:.4f}"):
        hand.keys.press("Tab")  # each box is the next thing after what came before
        hand.keys.insert_text(text)
    hand.done(4)

    hand.press("Race them for me")
    view.page.wait_for_selector("[data-state='diverged']")
    hand.done(5)
    hand.press("[role='slider'].scrubber", "Home")
    view.until(lambda: view.step() == 0, "the timeline's start")

    hand.press("Few noisy points, many units")
    hand.keys.press("3")
    view.page.wait_for_selector("main.screen-diagnose")
    hand.done(6)

    for k in (1, 2, 3):
        hand.write(f"#lesson-said{k}", "a sentence of four words")
    hand.done(7)
