"""Makes the tables of docs/tables.md from the figures that are kept."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import mean, median, stdev
from typing import Any

import page
from tables_data import TABLES, Metric, Table
from tables_models import MODELS

OURS = "tabular"
Scores = dict[str, dict[str, dict[str, dict[str, Any]]]]  # by table, model and seed: each score, seconds


def section(found: dict[str, Any]) -> str:
    """Return everything that was measured as Markdown."""
    scores, setup = found["scores"], found["setup"]
    plural = "s" * (setup["threads"] > 1)
    cut = "" if setup["rows"] is None else f" **Only {setup['rows']:,} rows of each part: no figure to go by.**"
    parts = [f"Measured on {found['machine']}; {setup['threads']} thread{plural}.{cut}"]
    if scores:
        seeds = max(len(runs) for models in scores.values() for runs in models.values())
        parts += [
            f"Test scores, mean ± standard deviation over {seeds} seed{'s' * (seeds > 1)}, and the median seconds of a "
            "fit; RMSE: lower is better. The best of a column is bold; the goals are for our two estimators:",
            results(scores),
            duels(scores),
            "Median seconds: of a fit, of predicting all test rows, and of the search where there was one:",
            seconds(scores, found["searches"]),
        ]
    if found["searches"]:
        parts += ["What the searches found:", searches(found["searches"])]
    if "growth" in found:
        parts += [
            "Our default fit on parts of Adult's training rows, and on all of them twice:",
            growth(found["growth"]),
        ]
    return "\n\n".join(part for part in parts if part)


def results(scores: Scores) -> str:
    """Return models by scores, the goals below."""
    columns = [(table, metric) for table in _tables(scores) for metric in table.metrics]
    best = {column: _best(scores, *column) for column in columns}
    rows = [["", *(f"{table.title} {metric.name}" for table, metric in columns)]]
    seeds = max(len(runs) for models in scores.values() for runs in models.values())
    for name in _models(scores):
        cells = [_cell(scores, name, column, best[column], seeds) for column in columns]
        rows.append([MODELS[name].title, *cells])
    goals = [f"{'≤' if metric.lower_is_better else '≥'} {metric.goal:g}" for _, metric in columns]
    return page.table([*rows, ["goal", *goals]], 1)


def duels(scores: Scores) -> str:
    """Say on how many tables our mean is better than each peer's, by the first score of a table."""
    lines = []
    for name in _models(scores):
        both = [table for table in _tables(scores) if _shared(scores, table, name)]
        if name == OURS or not both:
            continue
        lost = [table.title for table in both if not _beats(scores, table, OURS, name)]
        line = f"- {MODELS[name].title}: better on {len(both) - len(lost)} of {len(both)}"
        lines.append(line + (f", not on {', '.join(lost)}" if lost else ""))
    return "\n".join([f"{MODELS[OURS].title} beside each, by a table's first score:\n", *lines]) if lines else ""


def seconds(scores: Scores, searched: dict[str, Any]) -> str:
    """Return models by tables: fit · prediction · search."""

    def cell(table: str, model: str, runs: dict[str, Any]) -> str:
        times = [median(run[key] for run in runs.values()) for key in ("fit", "predict")]
        if model in searched.get(table, {}):
            times.append(searched[table][model]["seconds"])
        return " · ".join(map(_seconds, times))

    return _by_table(scores, cell)


def searches(found: dict[str, Any]) -> str:
    """Return each search's best settings and their score on the validation rows."""
    rows = [["table", "model", "settings", "tried", "validation"]]
    for table in (each for name, each in TABLES.items() if name in found):
        for model, best in found[table.name].items():
            settings = ", ".join(f"{name} {_setting(value)}" for name, value in sorted(best["settings"].items()))
            metric = table.metrics[0]
            score = f"{metric.name} {best['validation']:.{metric.digits}f}"
            rows.append([table.title, MODELS[model].title, settings, str(best["points"]), score])
    return page.table(rows, 3)


def growth(points: list[tuple[int, float]]) -> str:
    """Return rows, seconds, and how many ms a row took."""
    rows = [["rows", "seconds", "ms a row"]]
    rows += [[f"{n:,}", _seconds(time), f"{1e3 * time / n:.3g}"] for n, time in points]
    return page.table(rows, 0)


def _by_table(scores: Scores, cell: Any) -> str:
    tables = _tables(scores)
    rows = [["", *(table.title for table in tables)]]
    for name in _models(scores):
        found = [scores[table.name].get(name) for table in tables]
        cells = [cell(table.name, name, runs) if runs else "—" for table, runs in zip(tables, found, strict=True)]
        rows.append([MODELS[name].title, *cells])
    return page.table(rows, 1)


def _cell(scores: Scores, name: str, column: tuple[Table, Metric], best: float, seeds: int) -> str:
    table, metric = column
    runs = scores[table.name].get(name)
    if not runs:
        return "—"
    value, values = _mean(scores, table, metric, name), [run[metric.name] for run in runs.values()]
    text = f"{value:.{metric.digits}f}"
    if len(values) > 1:
        text += f" ± {stdev(values):.{metric.digits}f}"
    if value == best:
        text = f"**{text}**"
    if name == OURS:
        text += " ✓" if metric.reached(value) else " ✗"
    text += f" ({_seconds(median(run['fit'] for run in runs.values()))} s"
    return text + (f", {len(values)} of {seeds} seeds)" if len(values) < seeds else ")")


def _mean(scores: Scores, table: Table, metric: Metric, name: str, seeds: Iterable[str] | None = None) -> float:
    runs = scores[table.name][name]
    return mean(runs[seed][metric.name] for seed in (runs if seeds is None else seeds))


def _best(scores: Scores, table: Table, metric: Metric) -> float:
    """Return the best mean over all seeds: over fewer it would be one of easier splits."""
    models = scores[table.name]
    most = max(map(len, models.values()))
    means = [_mean(scores, table, metric, name) for name, runs in models.items() if len(runs) == most]
    return min(means) if metric.lower_is_better else max(means)


def _beats(scores: Scores, table: Table, ours: str, theirs: str) -> bool:
    """Tell whether ours is better over the seeds that both have; a draw is none."""
    metric, seeds = table.metrics[0], _shared(scores, table, theirs)
    difference = _mean(scores, table, metric, ours, seeds) - _mean(scores, table, metric, theirs, seeds)
    return difference < 0 if metric.lower_is_better else difference > 0


def _shared(scores: Scores, table: Table, name: str) -> set[str]:
    models = scores[table.name]
    return set(models.get(OURS, ())) & set(models.get(name, ()))


def _tables(scores: Scores) -> list[Table]:
    return [table for name, table in TABLES.items() if scores.get(name)]


def _models(scores: Scores) -> list[str]:
    return [name for name in MODELS if any(name in models for models in scores.values())]


def _seconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 1 else f"{value:.2g}"


def _setting(value: Any) -> str:
    return (
        f"{value:.2g}"
        if isinstance(value, float)
        else "×".join(map(str, value))
        if isinstance(value, list)
        else str(value)
    )
