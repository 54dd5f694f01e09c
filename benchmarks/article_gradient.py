"""What a wrong gradient costs: the article's, and the true one, from the same first weights on the same moons.

``python benchmarks/article_gradient.py --write`` measures 20 seeds (some minutes on two cores) and writes the table and
the picture of docs/article-gradient.md.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split

import clearprop as cp
from clearprop import datasets
from clearprop.engines.reference import ReferenceEngine
from clearprop.initializers import Normal

PAGE = Path(__file__).parents[1] / "docs" / "article-gradient.md"
SEEDS, STEPS, RATE, LIMIT, LOOKS = 20, 20_000, 0.25, 1.0, (5_000, 20_000)
FIRST = Normal(-1.0, 1.0)
NETWORK = cp.Network(
    2,
    [
        cp.Dense(16, cp.LeakyReLU(0.05), weight=FIRST, bias=FIRST),
        cp.Dense(16, cp.LeakyReLU(0.05), weight=FIRST, bias=FIRST),
        cp.Dense(1, "sigmoid", weight=FIRST, bias=FIRST),
    ],
)
ENGINE = ReferenceEngine(NETWORK, cp.BinaryCrossEntropy())
KINDS = ("the article's", "true", "true, stopped early")


def article_gradient(parameters, x, y, into):
    """Write the sum over the rows of what the article computes in place of the gradient.

    Row by row, with δ = f'(z) da: the weights' gradient is δ aᵀ as it should be; but each bias gets Σ δ over the
    layer's nodes, and the layer before gets da = the sum over nodes of the weights' gradient, a Σ δ, in place of Wᵀ δ.
    """
    output, cache = NETWORK.forward(parameters, x)
    delta = output - y  # sigmoid and binary cross-entropy together
    for i in reversed(range(len(NETWORK.layers))):
        total = delta.sum(axis=1, keepdims=True)
        into[f"{i}.weight"][...] = cache[i].x.T @ delta
        into[f"{i}.bias"][...] = total.sum()
        if i > 0:
            before = cache[i - 1]
            delta = NETWORK.layers[i - 1].activation.backward(before.z, before.a, before.a * total)


def true_gradient(parameters, x, y, into):
    """Write the sum over the rows of the true gradient: the engine's, which is the mean, times the rows."""
    ENGINE.gradient(parameters, x, y, into=into)
    into.vector *= len(x)


def run(kind: str, seed: int) -> list[tuple[float, ...]]:
    """Return training loss, test loss, training and test accuracy after each number of updates in LOOKS."""
    x, y = datasets.make("moons", 200, seed=seed)
    x_train, x_test, y_train, y_test = train_test_split(x, y[:, None].astype(float), random_state=seed)
    learn, targets = x_train, y_train
    if kind == KINDS[2]:  # a fifth of the training points decides which parameters are kept
        learn, check, targets, check_targets = train_test_split(x_train, y_train, test_size=0.2, random_state=seed)
    gradient = article_gradient if kind == KINDS[0] else true_gradient
    parameters = NETWORK.first_parameters(np.random.default_rng(seed))
    gradients, best, least = parameters.copy(), parameters.copy(), np.inf
    found = []
    for step in range(1, STEPS + 1):
        gradient(parameters, learn, targets, gradients)
        parameters.vector -= RATE * np.clip(gradients.vector, -LIMIT, LIMIT) / len(learn)
        if kind == KINDS[2] and step % 10 == 0:
            loss = ENGINE.evaluate(parameters, check, check_targets)[0]
            if loss < least:
                best, least = parameters.copy(), loss
        if step in LOOKS:
            kept = best if kind == KINDS[2] else parameters
            looks = [ENGINE.evaluate(kept, *rows) for rows in ((x_train, y_train), (x_test, y_test))]
            right = [float(((p > 0.5) == t).mean()) for (_, p), t in zip(looks, (y_train, y_test), strict=True)]
            found.append((looks[0][0], looks[1][0], *right))
    return found


def wrong_slope(seed: int = 0) -> tuple[float, float, float]:
    """Return one weight's slope three ways: by a finite difference, by the true gradient, and by the article's."""
    x, y = datasets.make("moons", 200, seed=seed)
    targets = y[:, None].astype(float)
    parameters = NETWORK.first_parameters(np.random.default_rng(seed))
    gradients = parameters.copy()
    slopes = []
    for gradient in (true_gradient, article_gradient):
        gradient(parameters, x, targets, gradients)
        slopes.append(float(gradients["0.weight"][0, 3]))
    losses = []
    for move in (1e-6, -1e-6):
        moved = parameters.copy()
        moved["0.weight"][0, 3] += move
        losses.append(len(x) * ENGINE.evaluate(moved, x, targets)[0])
    return (losses[0] - losses[1]) / 2e-6, slopes[0], slopes[1]


def table(results: np.ndarray) -> str:
    """Return the table of medians and quartiles; ``results`` is (kinds, seeds, looks, 4)."""
    lines = ["| gradient | updates | training loss | test loss | training accuracy | test accuracy |"]
    lines.append("| --- | --- | --- | --- | --- | --- |")
    for k, kind in enumerate(KINDS):
        for j, look in enumerate(LOOKS):
            low, middle, high = np.percentile(results[k, :, j], [25, 50, 75], axis=0)
            cells = [f"{middle[i]:.4f} ({low[i]:.4f} to {high[i]:.4f})" for i in (0, 1)]
            cells += [f"{middle[i]:.1%}" for i in (2, 3)]
            lines.append(f"| {kind} | {look:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def picture(results: np.ndarray, path: Path) -> None:
    """Draw each seed's training and test loss at the end."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 3.4), layout="constrained")
    marks = [("#E69F00", "o"), ("#0072B2", "^"), ("#009E73", "s")]
    for axes, i, name in zip(figure.subplots(1, 2, sharey=True), (0, 1), ("training loss", "test loss"), strict=True):
        for k, (color, marker) in enumerate(marks):
            values = np.sort(results[k, :, -1, i])
            axes.plot(np.arange(1, len(values) + 1), values, marker, color=color, markersize=5, label=KINDS[k])
        axes.set(yscale="log", xlabel="seeds, from best to worst", title=f"{name} after {LOOKS[-1]:,} updates")
        axes.grid(alpha=0.3)
    figure.axes[0].set_ylabel("binary cross-entropy")
    figure.axes[0].legend(title="gradient", fontsize=8)
    figure.savefig(path, dpi=100, metadata={"Software": None})


def main() -> None:
    """Measure, print, and write the page where asked."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--write", action="store_true", help="write the page's table and picture")
    write = options.parse_args().write
    jobs = [(kind, seed) for kind in KINDS for seed in range(SEEDS)]
    with ProcessPoolExecutor(2) as pool:
        found = list(pool.map(run, *zip(*jobs, strict=True)))
    results = np.array(found).reshape(len(KINDS), SEEDS, len(LOOKS), 4)
    difference, true, article = wrong_slope()
    slopes = (
        f"The slope of the summed loss along one first-layer weight (seed 0, before any update): {difference:.4f} by a "
        f"finite difference, {true:.4f} by the true gradient, {article:.4f} by the article's."
    )
    overfit = int((results[1, :, -1, 1] > 2 * results[2, :, -1, 1]).sum())
    text = (
        f"{table(results)}\n\n{slopes}\n\n"
        f"On {overfit} of {SEEDS} seeds the true gradient's test loss is more than twice what stopping early gives."
    )
    print(text)
    if write:
        page = PAGE.read_text(encoding="utf-8")
        begin, end = "<!-- measured -->", "<!-- end of measured -->"
        page = f"{page.split(begin)[0]}{begin}\n{text}\n{end}{page.split(end)[1]}"
        PAGE.write_text(page, encoding="utf-8")
        picture(results, PAGE.parent / "images" / "article_gradient.png")


if __name__ == "__main__":
    main()
