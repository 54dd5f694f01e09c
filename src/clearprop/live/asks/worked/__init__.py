"""The ask "worked": one update, worked through with its real numbers for one sample, one unit and one weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from clearprop.errors import InputError
from clearprop.live.asks.moment import opened, whole
from clearprop.live.asks.worked.backward import write_backward
from clearprop.live.asks.worked.batch import write_gradient
from clearprop.live.asks.worked.check import write_check
from clearprop.live.asks.worked.code import written_code
from clearprop.live.asks.worked.forward import write_forward
from clearprop.live.asks.worked.losses import write_loss
from clearprop.live.asks.worked.numbers import numbers_of
from clearprop.live.asks.worked.path import path_of
from clearprop.live.asks.worked.rules import write_update
from clearprop.live.asks.worked.sheet import Sheet
from clearprop.live.describe import Message
from clearprop.live.recording import Recording

__all__ = ["worked"]


def worked(recording: Recording, values: Mapping[str, Any]) -> Message:
    """Return the update that follows ``frame`` in lines: forward, loss, backward, update, check.

    All of it is computed in float64 from the numbers as the frame has them, so that every line's expression gives its
    result; a run in float32 differs from it in the seventh digit.

    Parameters
    ----------
    recording : Recording
    values : mapping
        ``frame``; ``sample``, a row's place in the table; ``layer``, ``unit`` and ``weight`` as in ``path_of``.

    Raises
    ------
    InputError
        For a place that isn't there, layers that aren't written out, or numbers that aren't finite.
    """
    moment = opened(recording, values)
    sample = whole(values, "sample", len(moment.data.x), default=0)
    target = moment.rows(slice(sample, sample + 1))[1][0]
    path = path_of(moment.training.engine.network, values, target)
    n = numbers_of(moment, sample)
    if not np.isfinite(n.update.after.vector).all():
        raise InputError(
            f"the update after step {moment.frame.step} leads to numbers that aren't finite; choose an earlier step"
        )
    sheet = Sheet()
    write_forward(sheet, n, path)
    write_loss(sheet, n, path)
    write_backward(sheet, n, path)
    write_update(sheet, n, path, write_gradient(sheet, n, path))
    before, after = write_check(sheet, n, path)
    code, code_note = written_code(n, path)
    header = {
        "type": "worked", "frame": moment.frame.id, "branch": moment.frame.branch, "step": moment.frame.step,
        "sample": sample, "layer": path.layer, "unit": path.unit, "input": path.source,
        "weight": path.source * moment.training.engine.network.widths[path.layer + 1] + path.unit,
        "dtype": str(moment.dtype), "rate": n.update.rate, "loss_before": before, "loss_after": after,
        "batch": {"rows": len(n.update.batch.x), "contains_sample": n.place is not None, "place": n.place},
        "groups": sheet.listed(), "code": code, "code_note": code_note,
    }  # fmt: skip
    return header, {}
