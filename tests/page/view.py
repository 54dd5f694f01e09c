"""An open page, and what tests read off it and press: in the page's own words and marks."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import monotonic
from typing import Any

PATIENCE = 40.0  # seconds: a shared machine may pause anywhere


class View:
    """A page in the browser."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def until(self, true: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
        """Wait until something is true, and return it."""
        end = monotonic() + patience
        while monotonic() < end:
            found = true()
            if found:
                return found
            self.page.wait_for_timeout(50)
        raise AssertionError(
            f"not within {patience:g} s: {what}; the page says:\n{self.page.inner_text('body')[:1500]}"
        )

    def step(self) -> int:
        """Return the step that is shown, once there is one."""
        self.page.wait_for_selector("header [data-step]:not([data-step=''])")
        return int(self.page.get_attribute("header [data-step]", "data-step"))

    def loss(self) -> float:
        """Return the loss that is shown, in full."""
        self.page.wait_for_selector("header [data-loss]:not([data-loss=''])")
        return float(self.page.get_attribute("header [data-loss]", "data-loss"))

    def phase(self) -> str:
        """Return the run's phase as the header has it."""
        classes = (self.page.get_attribute(".phase", "class") or "").split()
        return next((name.removeprefix("phase-") for name in classes if name.startswith("phase-")), "")

    def wait_for_phase(self, *names: str) -> None:
        self.until(lambda: self.phase() in names, f"the phase {' or '.join(names)}, not {self.phase()!r}")

    def press(self, name: str) -> None:
        """Press a command's button."""
        self.page.click(f"[data-command='{name}']:visible")

    def pause(self) -> int:
        """Pause the run, and return the step it stands at."""
        self.wait_for_phase("running", "paused")
        if self.phase() == "running":
            self.press("pause")
        self.wait_for_phase("paused")
        self.page.wait_for_timeout(200)
        return self.step()

    def show(self, screen: str) -> None:
        self.page.click(f"[data-screen='{screen}']")
        self.page.wait_for_selector(f"main.screen-{screen}")

    def set(self, label: str, value: str) -> None:
        """Type a number into a labelled box, and send it by Enter."""
        box = self.page.get_by_label(label, exact=True)
        box.fill(value)
        box.press("Enter")

    def scrub(self, key: str, times: int = 1) -> int:
        """Move along the timeline by keys; return the step shown."""
        slider = self.page.locator("[role='slider'].scrubber")
        slider.focus()
        for _ in range(times):
            slider.press(key)
        self.page.wait_for_timeout(100)
        return self.step()

    def command(self, name: str, **values: Any) -> dict[str, Any]:
        """Send a command as the page's scripts do: for what no button does in one go."""
        client = self.page.evaluate("sessionStorage.getItem('clearprop.client')")
        return self.page.evaluate(
            """async (body) => {
                const headers = {"content-type": "application/json"};
                const answer = await fetch("command", {method: "POST", body, headers});
                return {status: answer.status, ...(await answer.json())};
            }""",
            json.dumps({"client": client, "name": name, **values}),
        )

    def said(self) -> str:
        """Return all text of the page, that for screen readers and in attributes, too."""
        return self.page.evaluate(
            """() => [document.querySelector("#page").textContent, ...[...document.querySelectorAll("#page *")].flatMap(
                (each) => ["title", "aria-label", "aria-valuetext", "placeholder"].map(
                    (name) => each.getAttribute(name) ?? ""))].join("\\n")"""
        )
