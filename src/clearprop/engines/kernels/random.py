# pyright: basic, reportMissingTypeStubs=false
# (Numba's intrinsics carry no types)
"""NumPy's random streams, draw for draw: seed sequences, PCG64, permutations and float32 numbers.

So a run shuffles and drops out as the reference engine does. Constants and steps: O'Neill 2014 ("PCG: a family of …"),
2015 ("Developing a seed_seq alternative").
A generator is an array of ten uint64: state (high, low), increment (high, low), whether half a draw is left, that half,
and a seed's pool of four words.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types

from clearprop.engines.kernels.jit import inlined, intrinsic, kernel
from clearprop.engines.kernels.views import part

WORDS = 10
_u32, _u64 = np.uint32, np.uint64
_HIGH, _LOW = _u64(2549297995355413924), _u64(4865540595714422341)  # the multiplier
_MASK = _u64(0xFFFFFFFF)


@intrinsic
def _multiply_high(typing_context, a, b):
    """Return the upper 64 bits of a product of two uint64."""

    def generate(context, builder, signature, args):
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(args[0], wide), builder.zext(args[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), generate


@kernel
def _scramble(value: Any, constant: Any, multiplier: Any) -> tuple[Any, Any]:
    value = _u32(value ^ constant)
    constant = _u32(constant * multiplier)
    value = _u32(value * constant)
    return _u32(value ^ (value >> _u32(16))), constant


@inlined
def _mix(x: Any, y: Any) -> Any:
    mixed = _u32(_u32(_u32(0xCA01F9DD) * x) - _u32(_u32(0x4973F715) * y))
    return _u32(mixed ^ (mixed >> _u32(16)))


@inlined
def _word(entropy: Any, purpose: int, index: int, i: int) -> Any:
    """Return word i of the entropy (at least four words), the purpose and the index."""
    n = max(len(entropy), 4)
    if i < n:
        return entropy[i] if i < len(entropy) else _u32(0)
    if i == n:
        return _u32(purpose)
    return _u32(_u64(index) & _MASK) if i == n + 1 else _u32(_u64(index) >> _u64(32))


@kernel
def start(generator: Any, entropy: Any, purpose: int, index: int) -> None:
    """Set a generator to the beginning of the stream (seed, purpose, index), as ``clearprop.streams.stream`` does."""
    n = max(len(entropy), 4) + (2 if index < 2**32 else 3)
    pool = part(generator, 6, 4)
    constant, turn = _u32(0x43B0D7E5), _u32(0x931E8875)
    for i in range(4):
        pool[i], constant = _scramble(_word(entropy, purpose, index, i), constant, turn)
    for i in range(n):
        for k in range(4):
            if i != k:
                word = _u32(pool[i]) if i < 4 else _word(entropy, purpose, index, i)
                word, constant = _scramble(word, constant, turn)
                pool[k] = _mix(_u32(pool[k]), word)
    constant, turn = _u32(0x8B51F9DD), _u32(0x58F38DED)
    for i in range(4):  # the pool twice over: eight words, two a number
        low, constant = _scramble(_u32(pool[2 * i % 4]), constant, turn)
        high, constant = _scramble(_u32(pool[(2 * i + 1) % 4]), constant, turn)
        generator[i] = (_u64(high) << _u64(32)) | _u64(low)
    state_high, state_low = generator[0], generator[1]
    generator[2] = (generator[2] << _u64(1)) | (generator[3] >> _u64(63))
    generator[3] = (generator[3] << _u64(1)) | _u64(1)
    low = _u64(generator[3] + state_low)  # one step from 0 gives the increment
    generator[0] = _u64(generator[2] + state_high + (_u64(1) if low < state_low else _u64(0)))
    generator[1] = low
    generator[4] = _u64(0)
    _step(generator)


@inlined
def _step(generator: Any) -> None:
    """state ← state · multiplier + increment, modulo 2^128."""
    high, low = generator[0], generator[1]
    high = _u64(_multiply_high(low, _LOW) + high * _LOW + low * _HIGH)
    low = _u64(low * _LOW)
    total = _u64(low + generator[3])
    generator[0] = _u64(high + generator[2] + (_u64(1) if total < low else _u64(0)))
    generator[1] = total


@kernel
def advance(generator: Any, draws: int) -> None:
    """Skip so many 32-bit draws from a stream's start (Brown 1994, "… with arbitrary strides")."""
    steps = _u64(draws >> 1)
    mh, ml, ph, pl = _u64(0), _u64(1), _u64(0), _u64(0)  # so far: state · m + p
    ah, al, bh, bl = _HIGH, _LOW, generator[2], generator[3]  # 2^k steps at once
    while steps > _u64(0):
        if steps & _u64(1):
            mh, ml = _product(mh, ml, ah, al)
            ph, pl = _product(ph, pl, ah, al)
            ph, pl = _sum(ph, pl, bh, bl)
        ch, cl = _sum(ah, al, _u64(0), _u64(1))
        bh, bl = _product(ch, cl, bh, bl)
        ah, al = _product(ah, al, ah, al)
        steps >>= _u64(1)
    high, low = _product(generator[0], generator[1], mh, ml)
    generator[0], generator[1] = _sum(high, low, ph, pl)
    if draws & 1:
        draw(generator)


@inlined
def _product(ah: Any, al: Any, bh: Any, bl: Any) -> tuple[Any, Any]:
    return _u64(_multiply_high(al, bl) + ah * bl + al * bh), _u64(al * bl)


@inlined
def _sum(ah: Any, al: Any, bh: Any, bl: Any) -> tuple[Any, Any]:
    low = _u64(al + bl)
    return _u64(ah + bh + (_u64(1) if low < al else _u64(0))), low


@kernel
def draw(generator: Any) -> Any:
    """Return the next 32 random bits: a step gives two of them, the lower half first."""
    if generator[4]:
        generator[4] = _u64(0)
        return generator[5]
    _step(generator)
    high = generator[0]
    mixed = high ^ generator[1]
    turn = high >> _u64(58)
    bits = (mixed >> turn) | (mixed << ((_u64(64) - turn) & _u64(63)))
    generator[4], generator[5] = _u64(1), bits >> _u64(32)
    return bits & _MASK


@kernel
def permute(order: Any, generator: Any) -> None:
    """Write a random order of 0 … n − 1: from the last on, each changes places with one before it or itself."""
    for i in range(len(order)):
        order[i] = i
    mask = _u64(1)
    while mask < _u64(len(order)):
        mask <<= _u64(1)
    mask -= _u64(1)
    for i in range(len(order) - 1, 0, -1):
        while mask >> _u64(1) >= _u64(i):
            mask >>= _u64(1)
        j = draw(generator) & mask
        while j > _u64(i):  # too large: draw again
            j = draw(generator) & mask
        order[i], order[j] = order[j], order[i]


@kernel
def fill_mask(mask: Any, generator: Any, rate: float, scale: Any, units: int, rows: int, n: int) -> None:
    """Write Dropout's factors, drawn row by row: 0 with probability ``rate``, else ``scale``; 0 for padded rows."""
    bound = np.float32(rate)
    zero = scale - scale
    for r in range(rows):
        for j in range(units):
            kept = np.float32(draw(generator) >> _u64(8)) * np.float32(2.0**-24) >= bound
            mask[j * n + r] = scale if kept else zero
    for r in range(rows, n):
        for j in range(units):
            mask[j * n + r] = zero
