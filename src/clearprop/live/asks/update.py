"""The ask "update": what the next update adds to each parameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from clearprop.live.asks.moment import opened
from clearprop.live.asks.next_update import next_update
from clearprop.live.describe import Message
from clearprop.live.recording import Recording


def update(recording: Recording, values: Mapping[str, Any]) -> Message:
    """Return the change of the whole vector that follows ``frame``.

    The array is ``vector`` (n_parameters,), float32, each the difference of two parameters as the run has them.
    """
    moment = opened(recording, values)
    done = next_update(moment.training, moment.progress)
    with np.errstate(over="ignore", invalid="ignore"):
        change = (done.after.vector - done.before.vector).astype(np.float32)
    header = {
        "type": "update", "frame": moment.frame.id, "step": moment.frame.step, "rate": done.rate,
        "rows": len(done.batch.x), "note": f"No update: {done.converged}." if done.converged else "",
    }  # fmt: skip
    return header, {"vector": change}
