"""What a page asks Python to compute from a kept frame: by the real layers, on copies, in the asker's thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from clearprop.errors import unknown_name
from clearprop.live.asks.diagnosis import diagnosis
from clearprop.live.asks.gradient import gradient
from clearprop.live.asks.layers import layers
from clearprop.live.asks.update import update
from clearprop.live.asks.worked import worked
from clearprop.live.code.script import ask as code
from clearprop.live.describe import Message
from clearprop.live.messages import encode
from clearprop.live.recording import Recording
from clearprop.live.saved.exports import recording as whole_recording
from clearprop.live.saved.exports import report

__all__ = ["ASKS", "answer"]

Ask = Callable[[Recording, Mapping[str, Any]], Message]

ASKS: dict[str, Ask] = {
    "gradient": gradient, "update": update, "worked": worked, "layers": layers, "diagnosis": diagnosis,
    "code": code, "report": report, "recording": whole_recording,
}  # fmt: skip
"""What can be asked, by name: each a function of the recording and the ask's values that gives a header and arrays."""


def answer(recording: Recording, what: str, values: Mapping[str, Any]) -> bytes:
    """Return the message that answers an ask. The run may go on meanwhile; nothing of it is touched.

    Parameters
    ----------
    recording : Recording
    what : str
        One of ``ASKS``.
    values : mapping
        The ask's own, such as ``{"frame": 12}``.

    Raises
    ------
    InputError
        For an unknown ask, or one that can't be answered: the sentence is for people.

    Examples
    --------
    >>> answer(Recording(), "gradent", {})
    Traceback (most recent call last):
    clearprop.errors.InputError: unknown question 'gradent'; did you mean 'gradient'? Known: ...
    """
    if what not in ASKS:
        raise unknown_name("question", str(what), ASKS)
    return encode(*ASKS[what](recording, values))
