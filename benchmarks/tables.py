"""Our estimators beside their peers on real tables: ``python benchmarks/tables.py --data FOLDER``.

Each figure goes into docs/images/tables.json as soon as it is there, and what is there isn't measured again: a run
can be interrupted and continued, or done in parts. ``--write`` puts the tables into docs/tables.md, without ``--data``
from what is kept. ``--growth`` measures only how the time of our default fit grows with Adult's rows.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import page
import tables_page
from sklearn.exceptions import ConvergenceWarning
from tables_data import TABLES, Rows, Table, split, times
from tables_models import MODELS, Model, score, search, settings_of

from clearprop.bench import machine
from clearprop.bench.threads import limited, restart

FIGURES = page.PAGE.parent / "images" / "tables.json"
PAGE = page.PAGE.with_name("tables.md")
SEARCHED = 0  # the seed whose training rows the searches see
FRACTIONS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2)

Found = dict[str, Any]  # what the file holds: setup, machine, and by table, by model: scores by seed, searches; growth


@dataclass
class Kept:
    """The figures of one file, written after each new one."""

    file: Path
    found: Found

    @classmethod
    def at(cls, file: Path, setup: dict[str, Any]) -> Kept:
        """Return what a file holds, or nothing yet.

        Raises
        ------
        ValueError
            If its figures were measured in another way.
        """
        found = _read(file) if file.exists() else {"setup": setup, "scores": {}, "searches": {}}
        if found["setup"] != setup:
            raise ValueError(
                f"{file} should hold figures of {setup}, since that is what is to be measured, but it holds those of "
                f"{found['setup']}; give the same options, or another --folder"
            )
        return cls(file, found)

    def keep(self, kind: str, table: str, model: str, figures: Any) -> None:
        """Put a model's figures on a table in the place of those that were there."""
        self.found.setdefault(kind, {}).setdefault(table, {})[model] = figures
        self.save()

    def save(self) -> None:
        """Write the file, whole or not at all."""
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(self.found, indent=1) + "\n", encoding="utf-8")
        new.replace(self.file)


def run(model: Model, table: Table, rows: Rows, seed: int, threads: int, settings: Any) -> dict[str, Any]:
    """Fit once, and return every score, and the seconds."""
    estimator = model.make(table, seed, threads, settings)
    start = perf_counter()
    fitted = estimator.fit(rows.x, rows.y)
    fit = perf_counter() - start
    start = perf_counter()
    fitted.predict(rows.x_test)
    predict = perf_counter() - start
    names = ["RMSE"] if table.regression else ["accuracy"] if table.images else ["accuracy", "AUC"]
    scores = {name: score(fitted, rows.x_test, rows.y_test, name) for name in names}
    return {**scores, "fit": round(fit, 3), "predict": round(predict, 4), "rows": len(rows.y)}


def measure(kept: Kept, arguments: argparse.Namespace, table: Table, seed: int) -> None:
    """Measure the chosen models on one split of a table, where that hasn't been done."""
    limit, threads, searched = arguments.rows, arguments.threads, kept.found["searches"].get(table.name, {})
    rows = split(table, arguments.data, seed, limit)
    for model in arguments.models:
        if (table.images and not model.images) or not model.installed():
            continue
        done = kept.found["scores"].get(table.name, {}).get(model.name, {})
        if str(seed) in done and not arguments.again:
            continue
        if model.space is not None and (model.name not in searched or (arguments.again and seed == arguments.seeds[0])):
            seen = rows if seed == SEARCHED else split(table, arguments.data, SEARCHED, limit)
            best = search(model, table, seen, SEARCHED, threads, arguments.points, _tell)
            kept.keep("searches", table.name, model.name, best)
            searched = kept.found["searches"][table.name]
        settings = settings_of(searched[model.name]) if model.space is not None else None
        figures = run(model, table, rows, seed, threads, settings)
        kept.keep("scores", table.name, model.name, done | {str(seed): figures})
        _tell(f"{table.name}, {model.name}, seed {seed}: {figures}")


def grow(kept: Kept, arguments: argparse.Namespace) -> None:
    """Measure our default fit on parts of Adult's training rows, and on all of them twice."""
    model, table = MODELS["tabular"], TABLES["adult"]
    rows = split(table, arguments.data, SEARCHED, arguments.rows)
    model.make(table, SEARCHED, arguments.threads).fit(*_first(rows, FRACTIONS[0]))  # compiles what has to be compiled
    points = []
    for fraction in FRACTIONS:
        x, y = _first(rows, fraction)
        estimator, start = model.make(table, SEARCHED, arguments.threads), perf_counter()
        estimator.fit(x, y)
        points.append([len(y), round(perf_counter() - start, 3)])
        _tell(f"{points[-1][0]:,} rows: {points[-1][1]} s")
    kept.found["growth"] = points
    kept.save()


def some(known: dict[str, Any]) -> Callable[[str], list[Any]]:
    """Return what reads the named ones from the command line."""

    def read(text: str) -> list[Any]:
        names = text.split(",")
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(f"it should be some of {', '.join(known)}, but has {', '.join(unknown)}")
        return [known[name] for name in names]

    return read


def _first(rows: Rows, fraction: float) -> tuple[Any, Any]:
    part = times(rows, fraction)
    return part.x, part.y


def _tell(line: str) -> None:
    print(line, flush=True)  # the whole takes hours


def _read(file: Path) -> Found:
    return json.loads(file.read_text(encoding="utf-8"))


def _measure_all(arguments: argparse.Namespace) -> None:
    setup = {"threads": arguments.threads, "rows": arguments.rows, "points": arguments.points}
    kept = Kept.at(arguments.folder / FIGURES.name, setup)
    more = f", pytabkit {version('pytabkit')}" if MODELS["realmlp"].installed() else ""
    kept.found["machine"] = machine.state() + more
    kept.save()
    for model in arguments.models:
        if not model.installed():
            _tell(f"{model.name} is skipped: {model.module} has no {model.classifier} here")
    if arguments.growth:
        grow(kept, arguments)
        return
    there = []
    for table in arguments.tables:
        if (arguments.data / table.file).exists():
            there.append(table)
        else:
            _tell(f"{table.name} is skipped: {arguments.data} has no {table.file}")
    for seed in arguments.seeds:
        for table in there:
            measure(kept, arguments, table, seed)


def main(command: list[str] | None = None) -> None:
    """Read the command line, measure, and maybe write."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--data", type=Path, metavar="FOLDER", help="where the tables lie")
    reader.add_argument("--tables", type=some(TABLES), default=list(TABLES.values()), help=", ".join(TABLES))
    reader.add_argument("--models", type=some(MODELS), default=list(MODELS.values()), help=", ".join(MODELS))
    reader.add_argument("--seeds", type=lambda text: [int(seed) for seed in text.split(",")], default=list(range(5)))
    reader.add_argument("--threads", type=int, default=2)
    reader.add_argument("--points", type=int, default=20, help="settings that a search tries")
    reader.add_argument("--rows", type=int, help="take only so many random rows of a table's two parts")
    reader.add_argument("--again", action="store_true", help="measure anew what is kept, its search included")
    reader.add_argument("--growth", action="store_true", help="measure only the default fit by Adult's rows")
    reader.add_argument("--folder", type=Path, default=FIGURES.parent, help="keep figures there, not in docs/images")
    reader.add_argument("--write", action="store_true", help="put the tables into docs/tables.md")
    arguments = reader.parse_args(command)
    if not (arguments.data or arguments.write):
        reader.error("give --data FOLDER to measure, or --write to write what is kept into the page")
    if arguments.data:
        restart(arguments.threads)
        warnings.simplefilter("ignore", ConvergenceWarning)  # a default number of steps is what it is
        with limited(arguments.threads):
            _measure_all(arguments)
    text = tables_page.section(_read(arguments.folder / FIGURES.name))
    print(text)
    if arguments.write:
        page.put("tables", text, PAGE)


if __name__ == "__main__":
    main()
