# pyright: basic, reportMissingTypeStubs=false
# (Numba's intrinsics and overloads, half of this file, carry no types)
"""e^z, tanh z, ln(1 + e) and what is made of them, as polynomials that the compiler vectorises; each within 4 ulp.

e^z = 2^n e^r with r = z − n ln 2, |r| ≤ ln 2 / 2. The polynomials interpolate (e^r − 1 − r) / r² and
(artanh s / s − 1) / s² at Chebyshev points, so that the leading terms are exact. NaN stays NaN in every one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import overload

from clearprop.engines.kernels.jit import intrinsic, kernel


def number(x: Any, value: float) -> Any:
    """Return a constant in the type of x, so that float32 stays float32."""


@overload(number, inline="always")
def _number_of(x, value):
    def double(x, value):
        return value

    def single(x, value):
        return types.float32(value)

    return single if x == types.float32 else double


def _split(x: Any) -> Any:
    """Return (e^r − 1, n) with e^x = 2^n e^r; |x| must be below 2,000 (float64) or 200 (float32)."""


def _power_of_two(n: Any) -> Any:
    """Return 2^n, for n in the range of normal numbers."""


def _halves(n: Any) -> Any:
    """Return two whole numbers of n's type that add up to n."""


def _clamp(x: Any, low: float, high: float, low32: float, high32: float) -> Any:
    """Return x between two numbers, which depend on its type; NaN stays."""


def _log1p_polynomial(w: Any) -> Any:
    """Return (artanh s / s − 1) / s² at w = s², s ≤ 1/3."""


@intrinsic
def _bits(typing_context, x):
    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.IntType(x.bitwidth))

    return (types.int64 if x == types.float64 else types.int32)(x), generate


@intrinsic
def _from_bits(typing_context, n):
    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType() if n.bitwidth == 64 else ir.FloatType())

    return (types.float64 if n == types.int64 else types.float32)(n), generate


_SHIFT = 1.5 * 2.0**52  # adding it rounds to a whole number, which then stands in the last bits
_SHIFT_BITS = int(np.float64(_SHIFT).view(np.int64))
_LOG2E = 1 / math.log(2)
_LN2_HIGH = float.fromhex("0x1.62e42fefa3800p-1")  # few bits, so that n · high is exact
_LN2_LOW = float.fromhex("0x1.ef35793c76730p-45")

_f = np.float32
_SHIFT32 = _f(1.5 * 2.0**23)
_SHIFT32_BITS = np.int32(_SHIFT32.view(np.int32))
_LOG2E32 = _f(_LOG2E)
_LN2_HIGH32, _LN2_LOW32 = _f(0.693359375), _f(-2.12194440e-4)
_E0, _E1, _E2, _E3, _E4 = _f(0.5), _f(0.16666577), _f(0.041666556), _f(0.008363179), _f(0.0013926184)
_L0, _L1, _L2, _L3, _L4 = _f(0.33333334), _f(0.19999853), _f(0.14296177), _f(0.10853288), _f(0.11612165)
_ONE32 = _f(1.0)
_23 = np.int32(23)
_BIAS32 = np.int32(127)


@overload(_split, jit_options={"fastmath": {"contract"}})
def _split_of(x):
    def double(x):
        shifted = x * _LOG2E + _SHIFT
        n = shifted - _SHIFT
        r = (x - n * _LN2_HIGH) - n * _LN2_LOW
        q = 2.091016812398899e-09
        q = q * r + 2.510519632432802e-08
        q = q * r + 2.7557288421657214e-07
        q = q * r + 2.7557255478721557e-06
        q = q * r + 2.480158730900555e-05
        q = q * r + 0.00019841269874718622
        q = q * r + 0.001388888888889091
        q = q * r + 0.008333333333326186
        q = q * r + 0.04166666666666666
        q = q * r + 0.1666666666666667
        q = q * r + 0.5
        return q * (r * r) + r, _bits(shifted) - _SHIFT_BITS

    def single(x):
        shifted = x * _LOG2E32 + _SHIFT32
        n = shifted - _SHIFT32
        r = (x - n * _LN2_HIGH32) - n * _LN2_LOW32
        q = (((_E4 * r + _E3) * r + _E2) * r + _E1) * r + _E0
        return q * (r * r) + r, types.int32(_bits(shifted) - _SHIFT32_BITS)

    return single if x == types.float32 else double


@overload(_power_of_two)
def _power_of_two_of(n):
    def double(n):
        return _from_bits((n + 1023) << 52)

    def single(n):
        return _from_bits(types.int32(types.int32(n + _BIAS32) << _23))

    return single if n == types.int32 else double


@overload(_halves)
def _halves_of(n):
    def double(n):
        half = n >> 1
        return half, n - half

    def single(n):  # Numba makes int64 of every other result
        half = types.int32(n >> 1)
        return half, types.int32(n - half)

    return single if n == types.int32 else double


@overload(_clamp)
def _clamp_of(x, low, high, low32, high32):
    def double(x, low, high, low32, high32):
        x = low if x < low else x
        return high if x > high else x

    def single(x, low, high, low32, high32):
        x = types.float32(low32) if x < types.float32(low32) else x
        return types.float32(high32) if x > types.float32(high32) else x

    return single if x == types.float32 else double


@overload(_log1p_polynomial, jit_options={"fastmath": {"contract"}})
def _log1p_polynomial_of(w):
    def double(w):
        q = 0.08082021984760611
        q = q * w + 0.044003698354581844
        q = q * w + 0.06000536234724863
        q = q * w + 0.06657072130638893
        q = q * w + 0.07692785030209803
        q = q * w + 0.09090894718183536
        q = q * w + 0.11111111358710576
        q = q * w + 0.14285714283554424
        q = q * w + 0.20000000000007292
        return q * w + 0.3333333333333333

    def single(w):
        return (((_L4 * w + _L3) * w + _L2) * w + _L1) * w + _L0

    return single if w == types.float32 else double


@kernel
def exp(x: Any) -> Any:
    """Return e^x: 0 and infinity where it under- or overflows."""
    q, n = _split(_clamp(x, -800.0, 800.0, -120.0, 120.0))
    a, b = _halves(n)  # in two steps, since 2^n itself may be no normal number
    return (q + number(x, 1.0)) * _power_of_two(a) * _power_of_two(b)


@kernel
def expm1_negative(x: Any) -> Any:
    """Return e^x − 1 for x ≤ 0."""
    q, n = _split(_clamp(x, -40.0, 0.0, -20.0, 0.0))
    s = _power_of_two(n)
    return s * q + (s - number(x, 1.0))


@kernel
def tanh(x: Any) -> Any:
    """Return tanh x = e / (e + 2), e = e^2|x| − 1, with the sign of x."""
    size = _clamp(abs(x), 0.0, 20.0, 0.0, 10.0)
    q, n = _split(size + size)
    s = _power_of_two(n)
    e = s * q + (s - number(x, 1.0))
    return math.copysign(e / (e + number(x, 2.0)), x)


@kernel
def log1p_unit(e: Any) -> Any:
    """Return ln(1 + e) for 0 ≤ e ≤ 1, as 2 artanh(e / (2 + e))."""
    s = e / (e + number(e, 2.0))
    w = s * s
    s += s
    return s + s * (w * _log1p_polynomial(w))


@kernel
def sigmoid(z: Any) -> Any:
    """Return 1 / (1 + e^−z) from e^−|z|."""
    e = exp(-abs(z))
    one = number(z, 1.0)
    return (e if z < 0 else one) / (one + e)


@kernel
def softplus(z: Any) -> Any:
    """Return ln(1 + e^z) = max(z, 0) + ln(1 + e^−|z|)."""
    return (number(z, 0.0) if z < 0 else z) + log1p_unit(exp(-abs(z)))
