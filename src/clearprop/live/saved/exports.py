"""What a page can take away: the run as one HTML file, and the recording that such a file is made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from clearprop.live.describe import Message
from clearprop.live.recording import Recording
from clearprop.live.saved import recorded
from clearprop.live.saved.report import html


def report(recording: Recording, _values: Mapping[str, Any]) -> Message:
    """Answer the ask "report": the array ``html`` holds the file's bytes.

    Raises
    ------
    InputError
        For a run without a frame.
    """
    page = html(recorded.recorded(recording).messages()).encode()
    return {"type": "report"}, {"html": np.frombuffer(page, np.uint8)}


def recording(recording: Recording, _values: Mapping[str, Any]) -> Message:
    """Answer the ask "recording": the array ``file`` holds the bytes of what ``recorded.save`` writes."""
    with TemporaryDirectory(prefix="clearprop-") as folder:
        file = Path(folder) / "recording.safetensors"
        recorded.save(recording, file)
        return {"type": "recording"}, {"file": np.frombuffer(file.read_bytes(), np.uint8)}
