"""Plant a bug in a copy of the package, and see that the tests catch it: thirty times, one line each.

``python tests/planted_bugs.py`` plants all thirty (a minute or two); numbers as arguments plant only those. It ends
with status 1 if a bug isn't caught, or if a text to be replaced isn't found exactly once: then the code has moved on,
and this list must follow.
"""

# ruff: noqa: T201 - a script says what it finds

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import clearprop

TESTS = Path(__file__).parent / "core"
PACKAGE = Path(clearprop.__file__).parent


class Bug(NamedTuple):
    what: str
    file: str
    old: str
    new: str
    tests: str
    """The test modules of the core that should catch it, without ``test_``."""


BUGS = [
    Bug("a transposed product", "layers/dense.py",
        'return dot(dz, parameters["weight"].T) if', 'return dot(dz, parameters["weight"]) if', "layers"),
    Bug("bias gradient: the mean, not the sum", "layers/dense.py",
        'sum_rows(dz, into["bias"])', 'into["bias"][...] = dz.mean(axis=0)', "layers"),
    Bug("the activation's derivative forgotten", "layers/dense.py",
        "dz = self.activation.backward(cache.z, cache.a, gradient)", "dz = gradient", "gradients"),
    Bug("dropout doesn't scale what it keeps", "layers/dropout.py",
        "mask *= 1 / (1 - self.rate)", "mask *= 1", "layers"),
    Bug("dropout's mask forgotten on the way back", "layers/dropout.py",
        "return gradient * cache.extra", "return gradient / (1 - self.rate)", "gradients"),
    Bug("layer norm's mean term forgotten", "layers/layer_norm.py",
        "(g - g.mean(axis=1, keepdims=True) - from_deviation)", "(g - from_deviation)", "gradients"),
    Bug("layer norm changes its input in place", "layers/layer_norm.py",
        "centred = x - x.mean(axis=1, keepdims=True)", "x -= x.mean(axis=1, keepdims=True); centred = x", "layers"),
    Bug("GELU's cubic term: a missing factor", "layers/activations.py",
        "(1.0 + 3 * 0.044715 * z * z)", "(1.0 + 0.044715 * z * z)", "activations"),
    Bug("softmax's derivative: the diagonal only", "layers/activations.py",
        "return a * (gradient - (gradient * a).sum(axis=1, keepdims=True))", "return a * (1.0 - a) * gradient",
        "activations"),
    Bug("softmax without its shift overflows", "layers/activations.py",
        "return z - namespace(z).amax(z.real, axis=1, keepdims=True)", "return z", "losses"),
    Bug("weights divided by the count, not their sum", "losses/loss.py",
        "weight[:, None] / (weight.sum() * parts)", "weight[:, None] / (len(weight) * parts)", "losses"),
    Bug("the wrong mean: a sum over the outputs", "losses/loss.py",
        "parts = 1 if self.sums_outputs else prediction.shape[1]", "parts = 1", "losses"),
    Bug("label smoothing twice too strong", "losses/classification.py",
        "target * (1.0 - s) + s / 2 if s", "target * (1.0 - s) + s if s", "losses"),
    Bug("Adam's step off by one", "optimizers/rules.py",
        'state["square"], step + 1', 'state["square"], step + 2', "optimizers"),
    Bug("Adam's second moment decays like its first", "optimizers/rules.py",
        "v *= self.beta2", "v *= self.beta1", "optimizers"),
    Bug("Rprop remembers the gradient of a turn", "optimizers/rules.py",
        "previous[...] = xp.where(agreement < 0, xp.zeros_like(g), g)", "previous[...] = g", "optimizers"),
    Bug("every block uses the first block's moments", "optimizers/optimizer.py",
        "{name: m[part] for", "{name: m[: len(vector[part])] for", "optimizers"),
    Bug("L-BFGS goes on with a stale gradient", "optimizers/lbfgs.py",
        "return along(low[0])[0]", "return low[1]", "lbfgs"),
    Bug("weight decay on the biases too", "engines/reference.py",
        "in weights(parameters).items():", "in parameters.items():", "optimizers"),
    Bug("sigmoid's derivative taken twice", "engines/reference.py",
        "into, from_z=from_z, need_input=False)", "into, need_input=False)", "gradients"),
    Bug("predictions lose a row now and then", "network.py",
        "x[i : i + ROWS])[0] for i", "x[i : i + ROWS - 1])[0] for i", "network"),
    Bug("the schedule is a step ahead", "training/loop.py",
        "self.schedule.factor(step, self", "self.schedule.factor(step + 1, self", "training"),
    Bug("the same dropout at every step", "training/loop.py",
        'stream(progress.seed, "dropout", progress.step)', 'stream(progress.seed, "dropout")', "repeatable"),
    Bug("clipped before the penalty is added", "training/loop.py",
        "self._penalty = add_penalty(", "_ = self.clip and self.clip(self.gradients); self._penalty = add_penalty(",
        "training"),
    Bug("the validation rows are trained on", "training/rows.py",
        "return _distinct(_take(rows, kept)), _take(rows, held)", "return _distinct(rows), _take(rows, held)", "rows"),
    Bug("the best parameters move on with the last", "training/callbacks.py",
        "Best(progress.step, value, copy(progress.averaged.vector))",
        "Best(progress.step, value, progress.averaged.vector)", "callbacks"),
    Bug("every epoch in the same order", "data/batches.py",
        'stream(self.seed, "shuffle", epoch)', 'stream(self.seed, "shuffle")', "batches"),
    Bug("rows shuffled, targets not", "data/batches.py",
        "return Batch(x[rows], targets[rows],", "return Batch(x[rows], targets[place],", "batches"),
    Bug("a diverged run keeps its infinities", "training/loop.py",
        "progress.parameters.vector[...] = self._before",
        "self._before[...] = progress.parameters.vector", "divergence"),
    Bug("a loaded run forgets its lowered rate", "result.py",
        'rate_factor=float(description["rate_factor"])', "rate_factor=1.0", "resume"),
]  # fmt: skip


def broken(bug: Bug, package: Path) -> str:
    """Return the file's text with the bug in it.

    Raises
    ------
    ValueError
        If the text to be replaced isn't there exactly once.
    """
    text = (package / bug.file).read_text(encoding="utf-8")
    if text.count(bug.old) != 1:
        raise ValueError(f"{bug.file}: found {text.count(bug.old)} times, once is needed: {bug.old!r}")
    return text.replace(bug.old, bug.new)


def run(tests: set[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run these test modules against the package in a folder, up to the first failure."""
    modules = [str(TESTS / f"test_{name}.py") for name in sorted(tests)]
    options = ["-x", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "--hypothesis-profile=planted"]
    options += ["-k", "not compiled"]  # no bug is in the kernels, and a copy's would be compiled anew: minutes
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(  # noqa: S603 - our own interpreter, our own tests
        [sys.executable, "-m", "pytest", *options, *modules],
        cwd=TESTS.parent.parent, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def copied(folder: Path) -> Path:
    package = folder / "clearprop"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    return package


def caught_by(bug: Bug) -> str:
    """Return the test that fails on the copy with this bug, or an empty string if none does."""
    with tempfile.TemporaryDirectory() as name:
        package = copied(Path(name))
        (package / bug.file).write_text(broken(bug, package), encoding="utf-8")
        result = run(set(bug.tests.split()), Path(name))
    failed = [line.partition(" ")[2] for line in result.stdout.splitlines() if line.startswith("FAILED ")]
    return failed[0].partition(" - ")[0] if result.returncode == 1 and failed else ""


def passes_unbroken(bugs: list[Bug]) -> bool:
    """Tell whether the same tests pass on a copy without a bug: else catching one would say nothing."""
    with tempfile.TemporaryDirectory() as name:
        package = copied(Path(name))
        where = [sys.executable, "-c", "import clearprop; print(clearprop.__file__)"]
        environment = os.environ | {"PYTHONPATH": name}
        imported = subprocess.run(where, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own
        return (
            Path(imported.strip()).parent.samefile(package)
            and not run({test for bug in bugs for test in bug.tests.split()}, Path(name)).returncode
        )


def main(numbers: list[int]) -> int:
    """Plant the bugs of these numbers (all, if there are none), and say which test caught each."""
    bugs = [BUGS[number] for number in numbers] or BUGS
    for bug in bugs:
        broken(bug, PACKAGE)  # each has its place
    missed = 0
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        unbroken = pool.submit(passes_unbroken, bugs)
        found = [pool.submit(caught_by, bug) for bug in bugs]
        if not unbroken.result():
            pool.shutdown(cancel_futures=True)
            print("the tests don't pass without a bug; mend that first")
            return 1
        for bug, future in zip(bugs, found, strict=True):
            test = future.result()
            missed += not test
            verdict = "caught" if test else "MISSED"
            print(f"{verdict}  {BUGS.index(bug):2}  {bug.what:45} {bug.file:26} {test}", flush=True)
    print(f"{len(bugs) - missed} of {len(bugs)} caught")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main([int(argument) for argument in sys.argv[1:]]))
