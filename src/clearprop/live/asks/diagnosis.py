"""The ask "diagnosis": what is wrong with the run as it was at a frame, in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clearprop.diagnosis import diagnose
from clearprop.live.asks.moment import opened
from clearprop.live.describe import Message
from clearprop.live.frames import until
from clearprop.live.recording import Recording
from clearprop.result import Result

_IN_PYTHON = re.compile(r" \(callbacks=\[.*?\]\)")  # a page has no callbacks


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
            "text": _IN_PYTHON.sub("", f"{each.problem.capitalize()}: {each.evidence} {each.remedy}"),
            "evidence": each.evidence,
            "remedy": _IN_PYTHON.sub("", each.remedy),
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
