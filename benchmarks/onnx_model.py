"""A network as an ONNX file's bytes, written by hand (Protocol Buffers), so that no package is needed to make it.

A field is its number and kind in one varint, then its value: a varint, or a length and so many bytes. The numbers are
those of onnx.proto (ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto, ValueInfoProto).
"""

from __future__ import annotations

import numpy as np

import clearprop as cp

IR_VERSION, OPSET, FLOAT, FLOAT_ATTRIBUTE, INT_ATTRIBUTE = 8, 17, 1, 1, 2
OPERATORS = {"relu": "Relu", "leaky_relu": "LeakyRelu", "tanh": "Tanh", "sigmoid": "Sigmoid", "softmax": "Softmax"}


def onnx_bytes(network: cp.Network, parameters: cp.Parameters) -> bytes:
    """Return a model from ``x`` (rows, n_inputs) to ``y`` (rows, n_outputs), both float32."""
    nodes, tensors, last = [], [], "x"
    for i, layer in enumerate(network.layers):
        weight, bias = f"{i}.weight", f"{i}.bias"
        tensors += [_tensor(name, parameters[name]) for name in (weight, bias)]
        name = layer.activation.name
        attributes = [_float_attribute("alpha", layer.activation.slope)] if name == "leaky_relu" else []
        attributes += [_int_attribute("axis", 1)] if name == "softmax" else []
        out = "y" if i == len(network.layers) - 1 else f"{i}.a"
        nodes.append(_node("Gemm", (last, weight, bias), f"{i}.z"))
        nodes.append(_node(OPERATORS[name], (f"{i}.z",), out, attributes))
        last = out
    graph = [_message(1, node) for node in nodes] + [_text(2, "network")] + [_message(5, each) for each in tensors]
    graph += [_message(11, _value("x", network.n_inputs)), _message(12, _value("y", network.n_outputs))]
    opset = _text(1, "") + _number(2, OPSET)
    return _number(1, IR_VERSION) + _message(7, b"".join(graph)) + _message(8, opset)


def _node(operator: str, inputs: tuple[str, ...], output: str, attributes: list[bytes] | None = None) -> bytes:
    said = b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(4, operator)
    return said + b"".join(_message(5, each) for each in attributes or [])


def _float_attribute(name: str, value: float) -> bytes:
    return _text(1, name) + _key(2, 5) + np.float32(value).tobytes() + _number(20, FLOAT_ATTRIBUTE)


def _int_attribute(name: str, value: int) -> bytes:
    return _text(1, name) + _number(3, value) + _number(20, INT_ATTRIBUTE)


def _tensor(name: str, array: np.ndarray) -> bytes:
    sizes = b"".join(_number(1, size) for size in array.shape)
    return sizes + _number(2, FLOAT) + _text(8, name) + _message(9, array.astype("<f4").tobytes())


def _value(name: str, width: int) -> bytes:
    shape = _message(1, _text(2, "rows")) + _message(1, _number(1, width))
    return _text(1, name) + _message(2, _message(1, _number(1, FLOAT) + _message(2, shape)))


def _text(field: int, text: str) -> bytes:
    return _message(field, text.encode())


def _message(field: int, content: bytes) -> bytes:
    return _key(field, 2) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _key(field, 0) + _varint(value)


def _key(field: int, kind: int) -> bytes:
    return _varint(field << 3 | kind)


def _varint(value: int) -> bytes:
    """Return seven bits a byte, the lowest first; the eighth says that more follow."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
