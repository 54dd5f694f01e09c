"""The ask "diagnosis": what is wrong with the run as it was at a frame, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clearprop.diagnosis import diagnose
from clearprop.live.asks.moment import opened
from clearprop.live.describe import Message
from clearprop.live.recording import Recording
from clearprop.result import Result
from clearprop.training.history import History


def diagnosis(recording: Recording, values: Mapping[str, Any]) -> Message:
    """Return ``clearprop.diagnose``'s findings at ``frame``, from the course of the run up to its step."""
    moment = opened(recording, values)
    training, frame, data = moment.training, moment.frame, moment.data
    progress = replace(moment.progress, best=None, history=until(moment.progress.history, frame.step))
    result = Result(training.engine.network, training.engine.loss, training.optimizer, progress)
    held = None if data.validation is None or not len(data.validation[0]) else moment.rows(slice(None), True)
    found = diagnose(result, *moment.rows(slice(None)), names=data.features, validation=held)
    findings = [
        {
            "name": each.problem,
            "text": f"{each.problem.capitalize()}: {each.evidence} {each.remedy}",
            "evidence": each.evidence,
            "remedy": each.remedy,
        }
        for each in found
    ]
    return {
        "type": "diagnosis",
        "frame": frame.id,
        "branch": frame.branch,
        "step": frame.step,
        "findings": findings,
    }, {}


def until(history: History, step: int) -> History:
    """Return what a history held after ``step`` updates. It may be growing in another thread.

    Examples
    --------
    >>> history = History()
    >>> for k in range(5): history.record("loss", k, 1 / (k + 1))
    >>> until(history, 3)["loss"].round(2)
    array([1.  , 0.5 , 0.33])
    """
    past = History()
    for name in list(history):
        values = history[name]
        steps = history.steps(name)[: len(values)]
        last = step + 1 if name.startswith("validation_") else step  # those are taken after an update, others before
        seen = steps < last
        past.extend(name, steps[seen], values[: len(steps)][seen])
    past.events.extend(event for event in list(history.events) if event.step <= step)
    return past
