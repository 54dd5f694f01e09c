"""Job G: from the start of a process to the import, and to the first trained model.

``python benchmarks/startup.py``; ``--write`` puts the table into docs/. Every figure is that of a fresh process, from
before it is started; contenders take turns, and a figure is the median. The compiled engine is started with an empty
folder for its kernels (cold) and with the folder of an earlier process (warm).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import goals
import page
from goals import verdict

from clearprop.bench import machine
from clearprop.bench.contenders import has_engine
from clearprop.bench.jobs import JOBS
from clearprop.bench.threads import environment, restart

SHAPE = JOBS["B"]
STEPS = 100
COLD_ROUNDS, PATIENCE = 2, 300.0  # each compiles for a minute; seconds until a lock is taken to be a dead one's
IMPORTED = "imported = time.monotonic()\nimport numpy as np\n"
ROWS = f"""
rng = np.random.default_rng(0)
x = rng.normal(size=({SHAPE.rows}, 2))
y = (x[:, 0] > 0).astype(float)
"""
END = "\nprint(imported, time.monotonic())\n"

CLEARPROP = """
network = cp.Network(2, [cp.Dense(16, "leaky_relu"), cp.Dense(16, "leaky_relu"), cp.Dense(1, "sigmoid")])
cp.train(network, x, y, loss="binary_cross_entropy", optimizer=cp.SGD(0.25), steps=STEPS, engine="ENGINE", rng=0)
"""
SCIKIT_LEARN = """
import warnings
warnings.simplefilter("ignore")
MLPClassifier((16, 16), solver="sgd", learning_rate_init=0.25, batch_size=len(x), max_iter=STEPS).fit(x, y)
"""
PYTORCH = """
nn = torch.nn
model = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(), nn.Linear(16, 16), nn.LeakyReLU(), nn.Linear(16, 1)).double()
optimizer, loss = torch.optim.SGD(model.parameters(), 0.25), nn.BCEWithLogitsLoss()
inputs, targets = torch.from_numpy(x), torch.from_numpy(y[:, None])
for _ in range(STEPS):
    optimizer.zero_grad()
    loss(model(inputs), targets).backward()
    optimizer.step()
"""
JAX = """
from jax import numpy as jnp
def loss(values, x, y):
    for w, b in values[:-1]:
        x = jax.nn.leaky_relu(x @ w + b)
    z = (x @ values[-1][0] + values[-1][1])[:, 0]
    return (jax.nn.softplus(z) - y * z).mean()
@jax.jit
def step(values, x, y):
    return jax.tree.map(lambda p, g: p - 0.25 * g, values, jax.grad(loss)(values, x, y))
values = [(rng.normal(size=(n, m)), np.zeros(m)) for n, m in ((2, 16), (16, 16), (16, 1))]
values = jax.tree.map(jnp.asarray, values)
for _ in range(STEPS):
    values = step(values, x, y)
jax.block_until_ready(values)
"""


def program(importing: str, body: str, engine: str = "") -> str:
    """Return a program that prints when it had imported and when it had trained."""
    body = body.replace("STEPS", str(STEPS)).replace("ENGINE", engine)
    return f"import time\n{importing}\n{IMPORTED}{ROWS}{body}{END}"


def programs() -> dict[str, tuple[str, str]]:
    """Return by name a program, and where it finds its kernels: "cold", "warm" or "" for those that have none."""
    own = "import clearprop as cp"
    found = {"Clearprop, NumPy": (program(own, CLEARPROP, "reference"), "")}
    for engine in ("auto", "compiled"):
        if has_engine(engine):
            for cache in ("cold", "warm"):
                found[f"Clearprop, {engine}, {cache}"] = (program(own, CLEARPROP, engine), cache)
    peers = {
        "scikit-learn": ("sklearn", "from sklearn.neural_network import MLPClassifier", SCIKIT_LEARN),
        "PyTorch": ("torch", "import torch", PYTORCH),
        "JAX": ("jax", "import jax", JAX),
    }
    found |= {name: (program(line, body), "") for name, (module, line, body) in peers.items() if find_spec(module)}
    return found | {"NumPy alone": (program("import numpy", "pass"), "")}


def run(text: str, kernels: str) -> tuple[float, float, float]:
    """Return the seconds from the start to the import, to the trained model, and to the process's end."""
    named = {"NUMBA_CACHE_DIR": kernels} if kernels else {}
    start = time.monotonic()  # one clock for all processes
    done = subprocess.run(  # noqa: S603 - our own interpreter, the texts above
        [sys.executable, "-c", text], env=environment(1) | named, capture_output=True, text=True, check=True
    )
    end = time.monotonic()
    imported, trained = map(float, done.stdout.split())
    return imported - start, trained - start, end - start


def measure(rounds: int, without: Sequence[str] = ()) -> dict[str, tuple[float, ...]]:
    """Return the medians by name."""
    chosen = {name: found for name, found in programs().items() if name not in without}
    times: dict[str, list[tuple[float, float, float]]] = {name: [] for name in chosen}
    with tempfile.TemporaryDirectory() as warm:
        for turn in range(rounds + 1):
            for name, (text, cache) in chosen.items():
                if cache == "cold":
                    if 0 < turn <= COLD_ROUNDS:
                        times[name].append(run_cold(text))
                    continue
                found = run(text, warm if cache else "")
                if turn == 0:  # the first round fills the warm folder, and the system's memory of files
                    wait_for_background(warm)
                else:
                    times[name].append(found)
    return {name: tuple(map(median, zip(*found, strict=True))) for name, found in times.items()}


def run_cold(text: str) -> tuple[float, float, float]:
    """Run with an empty folder for the kernels; what goes on compiling afterwards ends before anybody else begins."""
    with tempfile.TemporaryDirectory() as cold:
        found = run(text, cold)
        wait_for_background(cold)
    return found


def wait_for_background(folder: str) -> None:
    """Wait until no process compiles into a folder: while one does, it holds a lock there."""
    end = time.monotonic() + PATIENCE
    while any(Path(folder).rglob("*.lock")) and time.monotonic() < end:
        time.sleep(0.1)


def report(rounds: int, without: Sequence[str] = ()) -> str:
    """Measure, and return the table."""
    number = f"{rounds} processes each ({min(rounds, COLD_ROUNDS)} where it is cold)"
    head = f"Measured on {machine.state()}; {number}, in seconds from the start of the process:"
    rows = [["who", "to the import", f"to a first trained model ({STEPS} steps)", "to the process's end"]]
    for name, (imported, trained, ended) in measure(rounds, without).items():
        own = name.startswith("Clearprop")
        limits = (goals.IMPORT, goals.FIRST_MODEL) if own else (None, None)
        cells = [verdict(found, goal, most=True) for found, goal in zip((imported, trained), limits, strict=True)]
        rows.append([name, *cells, f"{ended:.2f}"])
    return f"{head}\n\n{page.table(rows, 1)}"


def main() -> None:
    """Read the command line, measure, print and maybe write."""
    restart(1)
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--rounds", type=int, default=9)
    reader.add_argument("--without", action="append", default=[], metavar="WHO", help="leave somebody out")
    reader.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    arguments = reader.parse_args()
    text = report(arguments.rounds, arguments.without)
    print(text)
    if arguments.write:
        page.put("startup", text)


if __name__ == "__main__":
    main()
