"""What the page shows is what Python computed: losses, maps, and the worked arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


def test_the_loss_at_ten_steps_is_pythons(watch: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    run = watch("steps=1800", "pace=600")  # slow enough for more frames than are looked at, once the page is there
    view = open_page(run.url, gone=True)
    view.press("play")
    view.wait_for_phase("finished")
    view.page.wait_for_timeout(500)
    view.scrub("Home")
    shown = {view.scrub("ArrowRight", 2): view.loss() for _ in range(10)}
    view.press("finish")
    history = run.result().history
    assert len(shown) == 10
    for step, loss in shown.items():
        assert loss == pytest.approx(history["loss"][step - 1], abs=1e-6), (
            f"a frame's loss is its last update's: {step}"
        )


def test_the_big_map_is_numpys(watch: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    run = watch("paused=False", "steps=200")
    view = open_page(run.url, gone=True)
    view.wait_for_phase("finished")
    canvas = view.page.locator("[data-part='bigmap'] .bigmap-canvas")
    canvas.focus()
    read = []
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowLeft", "Shift+ArrowDown", "Shift+ArrowRight", "Shift+ArrowDown"):
        canvas.press(key)
        view.page.wait_for_selector("[data-part='reading']:not([data-value=''])")
        reading = view.page.locator("[data-part='reading']")
        read.append([float(reading.get_attribute(f"data-{name}")) for name in ("u", "v", "value")])
    view.press("finish")
    points = np.array(read)
    assert len(np.unique(points[:, :2], axis=0)) == 6
    np.testing.assert_allclose(points[:, 2], run.result().predict(points[:, :2])[:, 0], rtol=0, atol=1e-5)


TREE = """() => {
    const tree = (element) => element.dataset.op === undefined
        ? Number(element.dataset.value)
        : [element.dataset.op, ...[...element.querySelectorAll("[data-op], [data-value]")]
            .filter((each) => each.parentElement.closest("[data-op]") === element).map(tree)];
    return [...document.querySelectorAll("[data-line]")].map((line) => [
        line.dataset.line,
        tree(line.querySelector(".numbers [data-op], .numbers [data-value]")),
        Number(line.querySelector("[data-result]").dataset.result),
    ]);
}"""
COMPUTE: dict[str, Callable[..., float]] = {
    "+": lambda *terms: math.fsum(terms),
    "-": lambda a, b: a - b,
    "*": lambda *factors: math.prod(factors),
    "/": lambda a, b: a / b,
    "neg": lambda a: -a,
    "pow": lambda a, b: a**b,
    "max": max,
    "min": min,
    "abs": abs,
    "where_positive": lambda test, yes, no: yes if test > 0 else no,
    **{name: getattr(math, name) for name in ("exp", "log", "log1p", "tanh", "sqrt", "erf", "cosh", "sinh", "expm1")},
}


def compute(tree: Any) -> float:
    """Compute an expression as it stands on the page."""
    if not isinstance(tree, list):
        return float(tree)
    return COMPUTE[tree[0]](*map(compute, tree[1:]))


@pytest.mark.parametrize("optimizer", ["cp.SGD(0.25)", "cp.Adam(0.01)"])
def test_every_result_in_explain_follows_from_the_operands_beside_it(
    watch: Callable[..., Any], open_page: Callable[..., Any], optimizer: str
) -> None:
    view = open_page(watch(f"optimizer={optimizer}").url)
    for _ in range(3):
        view.press("step")
    view.until(lambda: view.step() == 3, "three updates")
    view.show("explain")
    view.page.wait_for_selector("[data-line]")
    view.page.wait_for_timeout(1200)
    lines = view.page.evaluate(TREE)
    groups = view.page.eval_on_selector_all("[data-group]", "(all) => all.map((each) => each.dataset.group)")
    assert set(groups) >= {"forward", "loss", "backward", "update", "check"}
    assert len(lines) > 10
    for name, tree, result in lines:
        assert compute(tree) == pytest.approx(result, rel=1e-9, abs=1e-15), name
