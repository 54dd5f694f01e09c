"""Activations and their derivatives over the values of a block, by code."""

from __future__ import annotations

import math
from typing import Any

from clearprop.engines.kernels.codes import (
    ELU,
    EXPONENTIAL,
    GELU,
    IDENTITY,
    LEAKY_RELU,
    MISH,
    RELU,
    SELU,
    SIGMOID,
    SILU,
    SOFTMAX,
    SOFTPLUS,
    TANH,
)
from clearprop.engines.kernels.exponentials import exp, expm1_negative, number, sigmoid, softplus, tanh
from clearprop.engines.kernels.jit import kernel
from clearprop.engines.kernels.views import copy, fill, part

_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805
_ROOT = math.sqrt(2 / math.pi)


@kernel
def activate(code: int, setting: float, z: Any, a: Any, scratch: Any, n: int) -> None:
    """Write a = f(z) for a block of n rows; z and a may be the same memory for codes up to SOFTMAX.

    NaN comes through. Each number is written again, if only plus 0: a store that may be left out isn't vectorised.
    ``scratch`` holds n numbers.
    """
    if code >= ELU:
        _activate_from_z(code, setting, z, a)
        return
    if z.ctypes.data != a.ctypes.data:
        copy(a, z)
    zero, one, slope = number(a[0], 0.0), number(a[0], 1.0), number(a[0], setting)
    if code == RELU:
        for i in range(len(a)):
            a[i] = (zero if a[i] < zero else a[i]) + zero
    elif code == LEAKY_RELU:
        for i in range(len(a)):
            a[i] *= slope if a[i] < zero else one
    elif code == SIGMOID:
        for i in range(len(a)):
            a[i] = sigmoid(a[i])
    elif code == TANH:
        for i in range(len(a)):
            a[i] = tanh(a[i])
    elif code == SELU:
        scale, low = number(a[0], _SELU_SCALE), number(a[0], _SELU_SCALE * _SELU_ALPHA)
        for i in range(len(a)):
            x = a[i]
            below = low * expm1_negative(x)
            a[i] = scale * x if x > zero else below
    elif code == EXPONENTIAL:
        for i in range(len(a)):
            a[i] = exp(a[i])
    elif code == SOFTMAX:
        size = len(a) // int(setting)
        for g in range(0, len(a), size):
            _softmax(part(a, g, size), scratch, n)


@kernel
def _softmax(a: Any, scratch: Any, n: int) -> None:
    """Turn the scores of one group into probabilities, in place."""
    row_maxima(a, scratch, n)
    for j in range(0, len(a), n):
        for r in range(n):
            a[j + r] = exp(a[j + r] - scratch[r])
    fill(part(scratch, 0, n), number(a[0], 0.0))
    for j in range(0, len(a), n):
        for r in range(n):
            scratch[r] += a[j + r]
    for r in range(n):
        scratch[r] = number(a[0], 1.0) / scratch[r]
    for j in range(0, len(a), n):
        for r in range(n):
            a[j + r] *= scratch[r]


@kernel
def row_maxima(z: Any, largest: Any, n: int) -> None:
    """Write the largest of each row's numbers."""
    for r in range(n):
        largest[r] = z[r]
    for j in range(n, len(z), n):
        for r in range(n):
            largest[r] = largest[r] if z[j + r] < largest[r] else z[j + r]


@kernel
def _activate_from_z(code: int, setting: float, z: Any, a: Any) -> None:
    zero, one = number(a[0], 0.0), number(a[0], 1.0)
    if code == ELU:
        alpha = number(a[0], setting)
        for i in range(len(a)):
            x = z[i]
            low = alpha * expm1_negative(x)
            a[i] = x if x > zero else low
    elif code == GELU:
        half = number(a[0], 0.5)
        for i in range(len(a)):
            a[i] = half * z[i] * (one + tanh(_gelu_argument(z[i])))
    elif code == SILU:
        for i in range(len(a)):
            a[i] = z[i] * sigmoid(z[i])
    elif code == MISH:
        for i in range(len(a)):
            a[i] = z[i] * _tanh_softplus(z[i])
    else:
        for i in range(len(a)):
            a[i] = softplus(z[i])


@kernel
def differentiate(code: int, setting: float, z: Any, a: Any, d: Any, scratch: Any, n: int) -> None:
    """Multiply d, the loss's derivative by a, with f'(z): it then is the one by z."""
    if code == IDENTITY:
        return
    zero, one, slope = number(a[0], 0.0), number(a[0], 1.0), number(a[0], setting)
    if code == RELU:
        for i in range(len(a)):
            d[i] *= one if a[i] > zero else zero
    elif code == LEAKY_RELU:
        for i in range(len(a)):
            d[i] *= one if a[i] > zero else slope
    elif code == SIGMOID:
        for i in range(len(a)):
            d[i] *= a[i] * (one - a[i])
    elif code == TANH:
        for i in range(len(a)):
            d[i] *= one - a[i] * a[i]
    elif code == SELU:
        scale, low = number(a[0], _SELU_SCALE), number(a[0], _SELU_SCALE * _SELU_ALPHA)
        for i in range(len(a)):
            x = a[i]
            d[i] *= scale if x > zero else x + low
    elif code == EXPONENTIAL:
        for i in range(len(a)):
            d[i] *= a[i]
    elif code == SOFTMAX:
        size = len(a) // int(setting)
        for g in range(0, len(a), size):
            _differentiate_softmax(part(a, g, size), part(d, g, size), scratch, n)
    elif code == ELU:
        for i in range(len(a)):
            x, low = z[i], a[i] + slope
            d[i] *= one if x > zero else low
    elif code == GELU:
        half, root, cube = number(a[0], 0.5), number(a[0], _ROOT), number(a[0], 3 * 0.044715)
        for i in range(len(a)):
            x = _near(z[i])
            t = tanh(_gelu_argument(x))
            d[i] *= half * (one + t) + half * x * (one - t * t) * (root * (one + cube * x * x))
    elif code == SILU:
        for i in range(len(a)):
            s = sigmoid(z[i])
            d[i] *= s + a[i] * (one - s)
    elif code == MISH:
        for i in range(len(a)):
            t = _tanh_softplus(z[i])
            d[i] *= t + z[i] * (one - t * t) * sigmoid(z[i])
    elif code == SOFTPLUS:
        for i in range(len(a)):
            d[i] *= sigmoid(z[i])


@kernel
def _differentiate_softmax(a: Any, d: Any, scratch: Any, n: int) -> None:
    fill(part(scratch, 0, n), number(a[0], 0.0))
    for j in range(0, len(a), n):
        for r in range(n):
            scratch[r] += d[j + r] * a[j + r]
    for j in range(0, len(a), n):
        for r in range(n):
            d[j + r] = a[j + r] * (d[j + r] - scratch[r])


@kernel
def _near(z: Any) -> Any:
    high = number(z, 20.0)
    z = high if z > high else z
    return -high if z < -high else z


@kernel
def _gelu_argument(z: Any) -> Any:
    x = _near(z)
    return number(z, _ROOT) * (x + number(z, 0.044715) * x * x * x)


@kernel
def _tanh_softplus(z: Any) -> Any:
    """Return tanh ln(1 + e^z), a ratio of polynomials in e^−|z|."""
    e, one = exp(-abs(z)), number(z, 1.0)
    two = one + one
    top = e * (e + two) if z < 0 else one + two * e
    return top / (top + (two if z < 0 else two * e * e))
