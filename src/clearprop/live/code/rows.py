"""Python that makes a table's rows anew: by its recipe, written out, from its file, or a place left for them."""

from __future__ import annotations

from typing import Any

from clearprop.live.code.expressions import call, expression
from clearprop.live.data import Data

_PARTS = """\
x_train, y_train = data.x, data.y
held_out = data.validation"""


def data_code(data: Data) -> tuple[list[str], str]:
    """Return lines to import, and code that sets ``x_train``, ``y_train`` and ``held_out``, (x, y) or None.

    Examples
    --------
    >>> from clearprop.live.sources import make
    >>> imports, code = data_code(make({"kind": "dataset", "name": "xor", "n_rows": 40, "validation": 0}))
    >>> print(code)
    x_train, y_train = cp.datasets.make("xor", 40, seed=0)
    held_out = None
    """
    source = data.source
    kind = source.get("kind")
    if kind == "dataset":
        return _dataset(data, source)
    if kind == "points":
        made = call("sources.make", [expression({name: value for name, value in source.items() if name != "upload"})])
        return ["from clearprop.live import sources"], f"# the points that were drawn\ndata = {made}\n{_PARTS}"
    if kind == "table":
        return _table(source)
    held = f" and hold out {len(data.validation[0])}" if data.validation is not None else ""
    return [], (
        f"# Put your own rows here: the run learnt from {len(data.x):,} rows of {data.x.shape[1]:,} features{held}.\n"
        f"x_train, y_train = ...  # shapes {data.x.shape} and {data.y.shape}\n"
        f"held_out = {'...  # (x, y)' if data.validation is not None else 'None'}"
    )


def _dataset(data: Data, source: dict[str, Any]) -> tuple[list[str], str]:
    noise = [] if source.get("noise") is None else [f"noise={source['noise']!r}"]
    made = ", ".join([expression(source["name"]), repr(source["n_rows"]), *noise, f"seed={source['seed']!r}"])
    if data.validation is None:
        return [], f"x_train, y_train = cp.datasets.make({made})\nheld_out = None"
    return ["from clearprop.live.sources.held_out import hold_out"], (
        f"x, y = cp.datasets.make({made})\n"
        f"rows = hold_out(y, {source['validation']!r}, seed={source['seed']!r})\n"
        "x_train, y_train = x[rows.learn], y[rows.learn]\n"
        "held_out = x[rows.held], y[rows.held]"
    )


def _table(source: dict[str, Any]) -> tuple[list[str], str]:
    settings = [f"features={expression(source['features'])}", f"task={expression(source.get('task'))}"]
    settings += [f"share={source['validation']!r}", f"seed={source['seed']!r}"]
    reading = [f"{name}={expression(value)}" for name, value in source.get("reading", {}).items()]
    table = call("read_table", [expression(str(source["file"])), *reading])
    made = call("from_table", [table, expression(source["target"]), *settings])
    return [
        "from clearprop.data.reader import read_table",
        "from clearprop.live.sources.tables import from_table",
    ], f"# run this where the file lies, or say here where that is\ndata = {made}\n{_PARTS}"
