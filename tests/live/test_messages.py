from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from clearprop.errors import InputError
from clearprop.live.messages import decode, encode


def arrays() -> dict[str, np.ndarray]:
    return {
        "vector": np.array([1.5, -2.0, 3.25], np.float32),
        "steps": np.arange(4.0).reshape(2, 2),
        "rows": np.array([7, -1], np.int32),
        "file": np.array([1, 2, 255], np.uint8),
        "none": np.empty((0, 3)),
        "one": np.array(4.0),
    }


def test_header_and_arrays_come_back() -> None:
    message = decode(encode({"type": "data", "name": "Größe ≤ 3 <b>", "list": [1, None, "x"]}, arrays()))
    assert message.header["name"] == "Größe ≤ 3 <b>"
    assert message.header["list"] == [1, None, "x"]
    assert list(message.arrays) == list(arrays())
    for name, array in arrays().items():
        assert message.arrays[name].dtype == array.dtype
        assert message.arrays[name].shape == array.shape
        assert (message.arrays[name] == array).all()


def test_layout_byte_by_byte() -> None:
    message = encode({"type": "t"}, {"a": np.array([1.0], np.float32), "b": np.array([2.0])})
    after, head = struct.unpack_from("<II", message)
    assert after == len(message) - 4
    assert (8 + head) % 8 == 0
    listed = [{"name": "a", "dtype": "f4", "shape": [1]}, {"name": "b", "dtype": "f8", "shape": [1]}]
    assert json.loads(message[8 : 8 + head]) == {"type": "t", "arrays": listed}
    assert struct.unpack_from("<f4xd", message, 8 + head) == (1.0, 2.0)
    assert len(message) == 8 + head + 16


@pytest.mark.parametrize("text", ["", "x", "xy", "xyzéé", "xyz≤≤≤≤"])
def test_arrays_start_at_multiples_of_eight(text: str) -> None:
    message = encode({"type": "t", "text": text}, arrays())
    head = struct.unpack_from("<II", message)[1]
    assert head % 8 == 0
    assert len(message) % 8 == 0
    assert decode(message).header["text"] == text


def test_other_byte_orders_and_strides() -> None:
    given = np.arange(6, dtype=">f8").reshape(2, 3).T
    assert (decode(encode({"type": "t"}, {"a": given})).arrays["a"] == given).all()


def test_half_a_surrogate_pair_does_not_stop_a_message() -> None:
    assert decode(encode({"type": "t", "name": "a\ud800b"})).header["name"] == "a?b"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1.0, -float("inf")]])
def test_no_nan_in_a_header(value: object) -> None:
    with pytest.raises(InputError, match="send null"):
        encode({"type": "t", "value": value})


def test_refused() -> None:
    with pytest.raises(InputError, match="'a' is int64"):
        encode({"type": "t"}, {"a": np.arange(3)})
    with pytest.raises(InputError, match="needs its 'type'"):
        encode({"step": 3})


def test_damaged_messages() -> None:
    whole = encode({"type": "t"}, {"a": np.arange(3.0)})
    wrong = [b"", whole[:3], whole[:-8], whole + bytes(8), bytes(16), whole[:8] + b"[" + whole[9:]]
    listless = json.dumps({"type": "t"}).encode()
    short = encode({"type": "t"}, {"a": np.arange(3.0)}).replace(b'"shape":[3]', b'"shape":[9]')
    for data in [*wrong, struct.pack("<II", 4 + len(listless), len(listless)) + listless, short]:
        with pytest.raises(InputError, match="aren't a message"):
            decode(data)
