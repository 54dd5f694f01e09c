"""The one message format of the live page: a JSON header and the arrays that it names, little endian.

``u32 bytes after this | u32 bytes of the header | header, padded with spaces | arrays, each padded to 8 bytes``: every
array starts at a multiple of 8, so that a reader can look at it where it lies.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import numpy as np

from clearprop.arrays import Array
from clearprop.errors import InputError

_PREFIX = struct.Struct("<II")
_KINDS = {"f4": np.dtype("<f4"), "f8": np.dtype("<f8"), "i4": np.dtype("<i4"), "u1": np.dtype("u1")}


class Message(NamedTuple):
    """A decoded message: ``header["type"]`` says what it is; the arrays are read-only views of its bytes."""

    header: dict[str, Any]
    arrays: dict[str, Array]


def encode(header: Mapping[str, Any], arrays: Mapping[str, Array] | None = None) -> bytes:
    """Return a message.

    Parameters
    ----------
    header : mapping
        Plain JSON values, with ``"type"``; ``"arrays"`` is added here.
    arrays : mapping of str to array, optional
        Of float32, float64, int32 or uint8 (any byte order), of any shape.

    Raises
    ------
    InputError
        For a header without a type, or with NaN or infinity, which JSON doesn't know; for an array of another dtype.

    Examples
    --------
    >>> message = encode({"type": "frame", "step": 3}, {"vector": np.array([0.5, 2.0], np.float32)})
    >>> len(message) % 8, decode(message).header["step"], decode(message).arrays["vector"]
    (0, 3, array([0.5, 2. ], dtype=float32))
    """
    if not isinstance(header.get("type"), str):
        raise InputError(f"a message's header needs its 'type', a text; got {header.get('type')!r:.60}")
    listed: list[dict[str, Any]] = []
    parts: list[bytes] = []
    for name, array in (arrays or {}).items():
        kind = array.dtype.str[1:]
        if kind not in _KINDS:
            raise InputError(f"a message holds float32, float64, int32 or uint8; the array {name!r} is {array.dtype}")
        listed.append({"name": name, "dtype": kind, "shape": list(array.shape)})
        data = np.ascontiguousarray(array, _KINDS[kind]).tobytes()
        parts += [data, bytes(-len(data) % 8)]
    try:
        text = json.dumps({**header, "arrays": listed}, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    except ValueError as error:
        raise InputError(f"a message's header can't hold NaN or infinity, send null instead: {error}") from None
    head = text.encode("utf-8", "replace")  # half a surrogate pair, from a damaged name, becomes a question mark
    head += b" " * (-(_PREFIX.size + len(head)) % 8)
    length = len(head) + sum(map(len, parts))
    return b"".join([_PREFIX.pack(4 + length, len(head)), head, *parts])


def decode(message: bytes | bytearray | memoryview) -> Message:
    """Return a message's header and arrays; the arrays are views of ``message`` where it holds still.

    Raises
    ------
    InputError
        For bytes that aren't one whole message.

    Examples
    --------
    >>> decode(encode({"type": "hello", "version": 1})).header
    {'type': 'hello', 'version': 1, 'arrays': []}
    """
    data = bytes(message)
    try:
        length, head = _PREFIX.unpack_from(data)
        if length + 4 != len(data):
            raise ValueError(f"it says {length + 4} bytes and has {len(data)}")
        parsed: object = json.loads(data[_PREFIX.size : _PREFIX.size + head].decode())
        if not isinstance(parsed, dict):
            raise TypeError("its header isn't an object")
        header = cast(dict[str, Any], parsed)
        arrays, place = dict[str, Array](), _PREFIX.size + head
        for described in header["arrays"]:
            kind, shape = _KINDS[described["dtype"]], tuple(int(n) for n in described["shape"])
            count = int(np.prod(shape, dtype=np.int64))
            arrays[str(described["name"])] = np.frombuffer(data, kind, count, place).reshape(shape)
            place += count * kind.itemsize
            place += -place % 8
    except (struct.error, ValueError, TypeError, KeyError) as error:
        raise InputError(f"these {len(data)} bytes aren't a message of the live page: {error}") from error
    return Message(header, arrays)
