"""How the cost of training grows with rows, width, depth and batch: ``python benchmarks/growth.py`` prints the figures.

``--write`` keeps them in docs/images/growth.json and draws docs/images/growth.png; ``--draw`` draws the picture from
what is kept. A flat line is a cost that grows as the work does; a step up is a cliff. A point that would take longer
than the limit is left out.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor, log10
from pathlib import Path
from typing import Any

import page

from clearprop.bench import machine
from clearprop.bench.contenders import CONTENDERS, installed
from clearprop.bench.jobs import Job
from clearprop.bench.measure import measure
from clearprop.bench.threads import limited, restart

IMAGES = page.PAGE.parent / "images"
FIGURES, PICTURE = IMAGES / "growth.json", IMAGES / "growth.png"
RATE, ROUNDS = 1e-4, 3  # so small that nothing runs away, however deep
COLOURS = ("#0072b2", "#56b4e9", "#d55e00", "#009e73")  # told apart by colour-blind people too
MARKS = "osD^"

Series = dict[str, list[tuple[int, float]]]  # by contender: (what grows, cost)


@dataclass(frozen=True)
class Panel:
    """One thing that grows: its values, the job for a value, and whether cost counts rows alone or parameters too."""

    title: str
    label: str
    values: tuple[int, ...]
    job: Callable[[int], Job]
    each_parameter: bool

    def cost(self, value: int, micros: float) -> float:
        """Return ns a row (and parameter) from µs a step."""
        job = self.job(value)
        return micros * 1e3 / job.batch / (parameters(job) if self.each_parameter else 1)


def parameters(job: Job) -> int:
    """Return how many numbers a job's network learns."""
    return sum((n + 1) * m for n, m in zip(job.sizes, job.sizes[1:], strict=False))


def job(sizes: tuple[int, ...], rows: int, batch: int, *, shuffle: bool = False) -> Job:
    """Return a job whose check is one epoch."""
    return Job("growth", sizes, "tanh", rows, batch, "adam", RATE, rows // batch, shuffle=shuffle)


PANELS = {
    "rows": Panel(
        "8-16-1, batches of up to 5,000 in random order", "rows", tuple(10**i for i in range(2, 8)),
        lambda n: job((8, 16, 1), n, min(n, 5_000), shuffle=True), each_parameter=False,
    ),
    "width": Panel(
        "two hidden layers, as wide as the input; batch 128", "units in a layer", tuple(2**i for i in range(2, 13)),
        lambda n: job((n, n, n, 1), 1_024, 128), each_parameter=True,
    ),
    "depth": Panel(
        "32 units in each hidden layer; batch 128", "hidden layers", tuple(2**i for i in range(7)),
        lambda n: job((32,) * (n + 1) + (1,), 256, 128), each_parameter=True,
    ),
    "batch": Panel(
        "32-64-64-1", "rows in a batch", tuple(4**i for i in range(9)),
        lambda n: job((32, 64, 64, 1), max(64, 2 * n), n), each_parameter=False,
    ),
}  # fmt: skip


def grow(panel: Panel, limit: float, points: int | None) -> Series:
    """Measure a panel's points, each contender while a point's epoch is expected to stay below the limit."""
    series: Series = {each.name: [] for each in installed(CONTENDERS)}
    expected = dict.fromkeys(series, 0.0)  # seconds of the next point's epoch
    values = panel.values[:points]
    for value, following in zip(values, (*values[1:], values[-1]), strict=True):
        now, later = panel.job(value), panel.job(following)
        chosen = [each for each in installed(CONTENDERS) if expected[each.name] <= limit]
        if not chosen:
            break
        figures = measure(
            now, "float32", chosen, seconds=min(limit / 10, 0.3), rounds=ROUNDS, budget=limit * len(chosen)
        )
        more = later.rows * parameters(later) / now.rows / parameters(now)
        for name, figure in figures.items():
            series[name].append((value, panel.cost(value, figure.micros)))
            expected[name] = figure.micros / 1e6 * now.per_epoch * more
        print(f"  {value:,}: {', '.join(f'{name} {series[name][-1][1]:.3g}' for name in figures)}")
    return series


def draw(found: dict[str, Any], target: Path) -> None:
    """Draw the four panels."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2, 2, figsize=(9.6, 7.2), layout="constrained")
    for axis, (name, panel) in zip(axes.flat, PANELS.items(), strict=True):
        for colour, mark, each in zip(COLOURS, MARKS, CONTENDERS, strict=True):
            points = found["panels"].get(name, {}).get(each.name)
            if points:
                axis.plot(*zip(*points, strict=True), mark + "-", color=colour, markersize=4, label=each.name)
        axis.set(xscale="log", yscale="log", xlabel=panel.label, title=panel.title)
        low, high = axis.get_ylim()
        axis.set_ylim(10 ** floor(log10(low)), 10 ** ceil(log10(high)))
        axis.set_ylabel("ns a row and parameter" if panel.each_parameter else "ns a row")
        axis.title.set_fontsize("medium")
        axis.grid(visible=True, color="0.9")
        axis.set_axisbelow(True)
    figure.legend(*axes.flat[0].get_legend_handles_labels(), loc="outside upper center", ncols=4, frameon=False)
    figure.savefig(target, dpi=100)
    plt.close(figure)


def section(found: dict[str, Any]) -> str:
    """Return what the page says around the picture."""
    return (
        "![The cost of a training step by rows, width, depth and batch](images/growth.png)\n\n"
        f"Measured on {found['machine']}; float32, {found['threads']} thread{'s' * (found['threads'] > 1)}. "
        "The figures: [growth.json](images/growth.json)."
    )


def _kept(folder: Path) -> dict[str, Any]:
    file = folder / FIGURES.name
    return json.loads(file.read_text(encoding="utf-8"))["panels"] if file.exists() else {}


def main() -> None:
    """Read the command line, measure, print, and maybe write or draw."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument(
        "--panels",
        default=",".join(PANELS),
        help="some of rows, width, depth and batch; what is kept of the others stays",
    )
    reader.add_argument("--threads", type=int, default=1)
    reader.add_argument("--limit", type=float, default=6.0, help="seconds that a point may take")
    reader.add_argument("--points", type=int, help="measure only so many of the first points of a panel")
    reader.add_argument("--write", action="store_true", help="keep the figures, the picture, and the page's section")
    reader.add_argument("--draw", action="store_true", help="only draw the figures that are kept")
    reader.add_argument("--folder", type=Path, help="keep figures and picture there, in place of docs/images")
    arguments = reader.parse_args()
    folder = arguments.folder or IMAGES
    if not arguments.draw:
        restart(arguments.threads)
        warnings.simplefilter("ignore")  # of dead units and the like: nobody means to use these networks
        found = {"machine": machine.state(), "threads": arguments.threads, "panels": _kept(folder)}
        with limited(arguments.threads):
            for name in arguments.panels.split(","):
                print(f"{name}: {PANELS[name].title}")
                found["panels"][name] = grow(PANELS[name], arguments.limit, arguments.points)
        if arguments.write or arguments.folder:
            (folder / FIGURES.name).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        if arguments.write:
            page.put("growth", section(found))
    if arguments.write or arguments.folder or arguments.draw:
        draw(json.loads((folder / FIGURES.name).read_text(encoding="utf-8")), folder / PICTURE.name)


if __name__ == "__main__":
    main()
