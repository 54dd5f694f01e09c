"""Where the time of a training step goes, piece by piece: ``python benchmarks/where.py``.

``--write`` puts the tables into docs/where-the-time-goes.md and draws its picture. A few minutes, one thread.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import page
import pieces
from profiles import (
    CHECKS,
    ENGINES,
    OTHERS,
    PARTS,
    Parts,
    micros,
    multiply_adds,
    numpy_calls,
    profile,
    python,
    whole_step,
)

from clearprop.bench import machine
from clearprop.bench.jobs import JOBS, Job
from clearprop.bench.threads import environment, restart
from clearprop.engines import plan as plans
from clearprop.engines.compiled import CompiledEngine
from clearprop.layers.dense import Dense
from clearprop.losses.loss import Loss
from clearprop.network import Network

DOCS = Path(__file__).parents[1] / "docs"
PAGE, PICTURE = DOCS / "where-the-time-goes.md", DOCS / "images" / "where_the_time_goes.png"
CASES = (("B", "float64"), ("C", "float32"), ("D", "float32"))
DTYPES = ("float64", "float32")
WIDTHS, BATCHES = (8, 16, 32, 48, 64, 96, 128, 256), (16, 128, 1024)
STEP = (
    "from clearprop.bench.jobs import JOBS; from profiles import whole_step; "
    "print(whole_step(JOBS['D'], 'float32', 'reference'))"
)
FORGET = "from clearprop.engines import reference; reference.keep_freed_memory = lambda: None; "


def profile_table(job: Job, dtype: str, found: dict[str, Parts]) -> str:
    """Return a profile as a table, and what the arithmetic alone would take."""
    numpy, compiled = (found[name] for name in ENGINES)
    rows = [["part", *(f"{name}, µs" for name in found), "times"]]
    for part in PARTS:
        ours, times = compiled[part], numpy[part] / (compiled[part] or np.nan)
        own = (f"{ours:,.2f}", f"{times:.1f}") if ours else ("in the update" if part == CHECKS else "—", "")
        rows.append([part, f"{numpy[part]:,.2f}", *own])
    whole, own_whole = sum(numpy.values()), sum(compiled.values())
    rows.append(["**a step**", f"**{whole:,.1f}**", f"**{own_whole:,.1f}**", f"**{whole / own_whole:.1f}**"])
    number, calls = multiply_adds(job), numpy_calls(job, dtype)
    said = ", ".join(f"{n} `{name}`" for name, n in calls.most_common())
    return (
        f"{job.title()}, {dtype}:\n\n{page.table(rows, 1)}\n\n"
        f"The products are {number:,} multiply-adds: {number / peak(dtype) / 1e3:,.1f} µs at the most that this "
        f"processor can do ({peak(dtype):.1f} · 10⁹ a second). NumPy is called {calls.total()} times a step: {said}."
    )


def peak(dtype: str) -> float:
    """Return the most multiply-adds that a core does in 10⁹ a second, all of them in registers."""
    out = np.full(160, 1e-3, dtype)
    return 10 * pieces.peak(1, out) / micros(lambda n: pieces.peak(1_000 * n, out))


def experiments(dtype: str) -> list[list[str]]:
    """Return the small experiments in one dtype as rows of a table."""
    rng = np.random.default_rng(0)
    x, w, out = (
        1e-3 * rng.random((160, 16)).astype(dtype),
        1e-3 * rng.random((16, 16)).astype(dtype),
        np.zeros(2_560, dtype),
    )
    z, a, many, one = rng.normal(size=800).astype(dtype), np.zeros(800, dtype), x.ravel() - x.mean(), w.dtype.type(1)
    ways = (pieces.plain_product_by_row, pieces.plain_product, pieces.tiled_product)
    products = [micros(lambda n, way=way: way(n, out, x.ravel(), w.ravel(), 160, 16, 16)) for way in ways]
    products = [python(x.dot, w, out.reshape(160, 16)), *products]
    measured = {
        "product of 160 × 16 by 16 × 16, 10⁹ multiply-adds a second": {
            name: 160 * 256 / time / 1e3
            for name, time in zip(
                ("NumPy", "loops along the units", "loops along the rows", "**tiles**"), products, strict=True
            )
        },
        "tanh of 800 numbers, µs": {
            "the C library's": micros(lambda n: pieces.library_tanh(n, z, a)),
            "NumPy's": python(np.tanh, z, a),
            "**polynomial**": micros(lambda n: pieces.polynomial_tanh(n, z, a)),
        },
        "leaky ReLU of 2,560 numbers, µs": {
            "stored where z < 0": micros(lambda n: pieces.may_store(n, many, one)),
            "**always stored**": micros(lambda n: pieces.must_store(n, many, one, one)),
        },
    }
    return [
        [what, dtype, "; ".join(f"{name} {value:.2f}" for name, value in found.items())]
        for what, found in measured.items()
    ]


def gradient_time(width: int, rows: int, dtype: str, large: int) -> float:
    """Return the µs of a gradient of three layers of one width, BLAS multiplying from so many weights on."""
    before, plans.LARGE = plans.LARGE, large
    network = Network(width, [Dense(width, "relu") for _ in range(3)])
    engine, rng = CompiledEngine(network, Loss.resolve("squared")), np.random.default_rng(0)
    x, p = rng.normal(size=(rows, width)).astype(dtype), network.first_parameters(rng, dtype)
    into = p.copy()
    try:
        with engine.session():
            return python(lambda: engine.gradient(p, x, x, into=into))
    finally:
        plans.LARGE = before


def crossing() -> str:
    """Return both ways of a product by width as a table: where tiles give way to BLAS."""
    rows = [["dtype", "rows", *(f"{width} wide" for width in WIDTHS)]]
    for dtype in DTYPES:
        for n in BATCHES:
            cells = [[gradient_time(width, n, dtype, large) for large in (2**62, 1)] for width in WIDTHS]
            cells = [f"{tiles:,.0f} / {blas:,.0f}" for tiles, blas in cells]
            rows.append([dtype, f"{n:,}", *cells])
    return page.table(rows, 2)


def memory() -> str:
    """Return what blocks and kept memory save, as a table."""
    rows = [["what", "without, µs", "with, µs"]]
    before = plans._CACHE, plans._MOST_ROWS
    for job, dtype in ((replace(JOBS["B"], rows=65_536, batch=65_536), "float64"), (JOBS["D"], "float32")):
        plans._CACHE, plans._MOST_ROWS = 2**40, 2**20  # the whole batch is one block
        whole = whole_step(job, dtype, "compiled")
        plans._CACHE, plans._MOST_ROWS = before
        blocks = whole_step(job, dtype, "compiled")
        rows.append([f"blocks of rows: job {job.name}, {job.batch:,} rows, {dtype}", f"{whole:,.0f}", f"{blocks:,.0f}"])
    forgetting, keeping = (float(_output(text + STEP)) for text in (FORGET, ""))
    rows.append(["freed memory stays: job D in NumPy, float32", f"{forgetting:,.0f}", f"{keeping:,.0f}"])
    return page.table(rows, 1)


def _output(text: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own interpreter, the texts above
        [sys.executable, "-c", text], env=environment(1), cwd=Path(__file__).parent, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return done.stdout.split()[-1]


def draw(profiles: dict[str, dict[str, Parts]]) -> None:
    """Draw the profiles as bars."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(len(profiles), 1, figsize=(8.5, 1.5 * len(profiles) + 1.2), layout="constrained")
    colours: Any = plt.get_cmap("tab10")
    for ax, (title, found) in zip(axes, profiles.items(), strict=True):
        left = np.zeros(len(found))
        for i, part in enumerate(PARTS):
            widths = np.array([parts[part] for parts in found.values()])
            colour = "0.75" if part == OTHERS else colours(i)
            ax.barh(list(found), widths, left=left, color=colour, label=part, height=0.65)
            left += widths
        ax.invert_yaxis()
        ax.set_title(title, fontsize=10, loc="left")
        ax.spines[["top", "right"]].set_visible(False)
    axes[-1].set_xlabel("µs a step, one thread")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9, frameon=False)
    figure.savefig(PICTURE, dpi=120)


def put(section: str, text: str) -> None:
    """Replace what stands in a section of the page."""
    start, end = f"<!-- {section}: written by benchmarks/where.py -->", f"<!-- end of {section} -->"
    before, found, rest = PAGE.read_text(encoding="utf-8").partition(start)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise ValueError(f"{PAGE.name} should have the lines {start!r} and {end!r}; add them where the text is to go")
    PAGE.write_text(f"{before}{start}\n{text}\n{end}{after}", encoding="utf-8")


def sections(profiles: dict[str, dict[str, Parts]]) -> Iterator[tuple[str, str]]:
    """Measure, and yield the page's sections one by one; what is drawn is put into ``profiles``."""
    yield "machine", f"Measured on {machine.state()}."
    for name, dtype in CASES:
        job = JOBS[name]
        found = profiles[f"{job.title()}, {dtype}"] = profile(job, dtype)
        yield f"job {name}", profile_table(job, dtype, found)
    rows = [row for pair in zip(*map(experiments, DTYPES), strict=True) for row in pair]
    yield "experiments", page.table([["what", "dtype", "ways"], *rows], 3)
    yield "memory", memory()
    yield "tiles", crossing()


def main() -> None:
    """Read the command line, measure, print and maybe write."""
    restart(1)
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--write", action="store_true", help="put the tables and the picture into docs/")
    write = reader.parse_args().write
    profiles: dict[str, dict[str, Parts]] = {}
    for section, text in sections(profiles):
        print(f"{text}\n", flush=True)
        if write:
            put(section, text)
    if write:
        draw(profiles)


if __name__ == "__main__":
    main()
