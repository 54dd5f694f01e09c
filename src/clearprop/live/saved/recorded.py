"""A run as its viewers saw it: gathered from messages, thinned, saved to a safetensors file, loaded, told again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from clearprop import storage
from clearprop.arrays import Array
from clearprop.errors import InputError
from clearprop.live.cursor import Cursor
from clearprop.live.messages import decode, encode
from clearprop.live.recording import Recording

Header = dict[str, Any]
Arrays = Mapping[str, Array]
_SERIES = 2000  # points a message
_TABLE = {"x", "y", "rows", "x_validation", "y_validation", "rows_validation"}
_ONCE = ("hello", "state")
_TURNS = 10_000  # at which a run that never stops talking is cut off


@dataclass(frozen=True, eq=False)
class Recorded:
    """All that a run told its viewers, read-only; a viewer can be shown it as if it were the run itself.

    Attributes
    ----------
    once : mapping of str to dict
        The newest ``hello`` and ``state``.
    tables : mapping of int to (header, arrays)
        Each data set's message.
    branches : mapping of int to dict
    frames : mapping of int to (header, vector)
        Each kept frame: id, branch, step, loss and keep; and its parameters, float32.
    series : mapping of (branch, name) to (steps, values)
    events : tuple of dict

    Examples
    --------
    >>> from clearprop.live.messages import encode
    >>> told = [encode({"type": "frame", "id": 0, "branch": 0, "step": 5, "loss": 0.5, "keep": "first"},
    ...                {"vector": np.zeros(3, np.float32)})]
    >>> recorded = Recorded.gather(told)
    >>> recorded.frames[0][0]["step"], len(recorded.messages())
    (5, 1)
    """

    once: Mapping[str, Header]
    tables: Mapping[int, tuple[Header, Arrays]]
    branches: Mapping[int, Header]
    frames: Mapping[int, tuple[Header, Array]]
    series: Mapping[tuple[int, str], tuple[Array, Array]]
    events: tuple[Header, ...]

    @classmethod
    def gather(cls, messages: Iterable[bytes]) -> Self:
        """Read messages in the order in which they were told; later ones change what earlier ones said.

        Raises
        ------
        InputError
            For bytes that are no message.
        """
        once: dict[str, Header] = {}
        tables: dict[int, tuple[Header, Arrays]] = {}
        branches: dict[int, Header] = {}
        frames: dict[int, tuple[Header, Array]] = {}
        series: dict[tuple[int, str], list[tuple[Array, Array]]] = {}
        events: list[Header] = []
        for message in messages:
            header, arrays = decode(message)
            header = {name: value for name, value in header.items() if name != "arrays"}
            match header["type"]:
                case "hello" | "state" as name:
                    once[name] = header
                case "data":
                    tables[header["id"]] = header, arrays
                case "branch":
                    branches[header["id"]] = header
                case "frame":
                    frames[header["id"]] = header, arrays["vector"]
                case "keep":
                    if header["id"] in frames:
                        frames[header["id"]][0]["keep"] = header["keep"]
                case "dropped":
                    for frame in header["frames"]:
                        frames.pop(frame, None)
                case "series":
                    parts = series.setdefault((header["branch"], header["name"]), [])
                    if header["replace"]:
                        parts.clear()
                    parts.append((arrays["steps"], arrays["values"]))
                case "event":
                    events.append(header)
                case _:
                    pass  # an answer to a question, which is no part of a run
        whole = {place: _join(parts) for place, parts in series.items() if parts}
        return cls(once, tables, branches, dict(sorted(frames.items())), whole, tuple(events))

    def messages(self, cursor: Cursor | None = None) -> list[bytes]:
        """Tell it again: everything to a cursor that has seen nothing, then no more; without one always everything."""
        if cursor is not None:
            if cursor.headers:
                return []
            cursor.headers = 1
        found = [encode(self.once["hello"], {})] if "hello" in self.once else []
        found += [encode(header, arrays) for header, arrays in self.tables.values()]
        found += [encode(header, {}) for header in self.branches.values()]
        for (branch, name), (steps, values) in self.series.items():
            header = {"type": "series", "branch": branch, "name": name}
            for start in range(0, max(len(steps), 1), _SERIES):
                part = slice(start, start + _SERIES)
                arrays = {"steps": steps[part], "values": values[part]}
                found.append(encode({**header, "replace": start == 0}, arrays))
        found += [encode(header, {}) for header in self.events]
        found += [encode(header, {"vector": vector}) for header, vector in self.frames.values()]
        return found + ([encode(self.once["state"], {})] if "state" in self.once else [])

    def listen(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Nothing new ever comes, so ``wake`` is never called."""
        return lambda: None

    def thinned(self, n_bytes: int) -> Self:
        """Return it with every second unmarked frame left out, again and again, until the frames fit.

        First, last, best, bookmarked and commanded frames, and each branch's last, always stay.
        """
        frames = dict(self.frames)
        lasts = {header["branch"]: number for number, (header, _) in frames.items()}
        stay = set(lasts.values()) | {number for number, (header, _) in frames.items() if header["keep"]}
        while sum(vector.nbytes for _, vector in frames.values()) > n_bytes:
            loose = [number for number in frames if number not in stay]
            if not loose:
                break
            for number in loose[::2]:  # the later of a pair stays
                del frames[number]
        return replace(self, frames=frames)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a safetensors file that ``load`` reads; a file that is there is replaced once the new one is whole."""
        tensors: dict[str, Array] = {}
        for number, (_, arrays) in self.tables.items():
            tensors |= {f"data/{number}/{name}": array for name, array in arrays.items()}
        owners = sorted({header["branch"] for header, _ in self.frames.values()})
        lists = {branch: [frame for frame in self.frames.values() if frame[0]["branch"] == branch] for branch in owners}
        tensors |= {f"frames/{branch}": np.stack([vector for _, vector in frames]) for branch, frames in lists.items()}
        curves = list(self.series)
        for i, place in enumerate(curves):
            tensors[f"series/{i}/steps"], tensors[f"series/{i}/values"] = self.series[place]
        description = {
            "once": dict(self.once),
            "tables": [header for header, _ in self.tables.values()],
            "branches": list(self.branches.values()),
            "frames": [[branch, [header for header, _ in frames]] for branch, frames in lists.items()],
            "series": [list(place) for place in curves],
            "events": list(self.events),
        }
        storage.write(path, "recording", description, tensors)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what ``save`` wrote; nothing in the file is run.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        FileError
            If it isn't a recording, or a damaged one.
        """
        with storage.reading(path):
            return cls._read(*storage.read(path, "recording"))

    @classmethod
    def _read(cls, description: storage.Description, tensors: dict[str, Array]) -> Self:
        once = {name: _typed(header, name) for name, header in description["once"].items() if name in _ONCE}
        tables: dict[int, tuple[Header, Arrays]] = {}
        for header in description["tables"]:
            prefix = f"data/{int(header['id'])}/"
            arrays = {name.removeprefix(prefix): array for name, array in tensors.items() if name.startswith(prefix)}
            if not arrays.keys() >= _TABLE:
                raise InputError(f"the table {header['id']} lacks {', '.join(sorted(_TABLE - arrays.keys()))}")
            tables[int(header["id"])] = _typed(header, "data"), arrays
        branches = {int(header["id"]): _typed(header, "branch") for header in description["branches"]}
        frames: dict[int, tuple[Header, Array]] = {}
        for branch, headers in description["frames"]:
            vectors = tensors[f"frames/{int(branch)}"]
            if vectors.ndim != 2 or vectors.dtype != np.float32 or len(vectors) != len(headers):
                raise InputError(f"the frames of branch {branch} should be {len(headers)} float32 vectors")
            frames |= {int(h["id"]): (_typed(h, "frame"), v) for h, v in zip(headers, vectors, strict=True)}
        series: dict[tuple[int, str], tuple[Array, Array]] = {}
        for i, (branch, name) in enumerate(description["series"]):
            steps, values = tensors[f"series/{i}/steps"], tensors[f"series/{i}/values"]
            if steps.shape != values.shape or steps.ndim != 1:
                raise InputError(f"the series {name!r} has {steps.shape} steps and {values.shape} values")
            series[int(branch), str(name)] = steps, values
        events = tuple(_typed(header, "event") for header in description["events"])
        return cls(once, tables, branches, dict(sorted(frames.items())), series, events)


def recorded(recording: Recording | Recorded) -> Recorded:
    """Return what a run's recording has to tell a viewer that has seen nothing; the run may go on meanwhile."""
    if isinstance(recording, Recorded):
        return recording
    cursor = Cursor()

    def told() -> Iterable[bytes]:
        for _ in range(_TURNS):
            found = recording.messages(cursor)
            if not found:
                return
            yield from found

    return Recorded.gather(told())


def save(recording: Recording | Recorded, path: str | os.PathLike[str]) -> None:
    """Write a run's recording to a safetensors file, for ``clearprop report`` or a viewer.

    Raises
    ------
    FileError
        If the folder doesn't exist.
    """
    recorded(recording).save(path)


def load(path: str | os.PathLike[str]) -> Recorded:
    """Read what ``save`` wrote; see ``Recorded.load``."""
    return Recorded.load(path)


def _join(parts: list[tuple[Array, Array]]) -> tuple[Array, Array]:
    return np.concatenate([steps for steps, _ in parts]), np.concatenate([values for _, values in parts])


def _typed(header: Any, kind: str) -> Header:
    if not isinstance(header, dict):
        raise InputError(f"a {kind}'s description should be an object; got {header!r:.60}")
    return {**header, "type": kind}
