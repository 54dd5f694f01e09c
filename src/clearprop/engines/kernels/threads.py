# pyright: basic, reportMissingTypeStubs=false, reportArgumentType=false
# (Numba and llvmlite, whose objects make up this file, carry no types)
"""Threads that work on one step together: a barrier, and flags that every one of them sees.

All run the same kernel on their own rows, then on their own part of the parameters; the barriers between lie a few
microseconds apart, so that they are waited for actively.
"""

from __future__ import annotations

import sys
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from clearprop.engines.kernels.jit import intrinsic, kernel

# places in the array of flags, eight numbers (a cache line) apart
ARRIVED = 0
STOP = 8  # set from outside: leave at the next block of rows
STATUS = 16  # set by a worker that met a value that is not finite
ABORTED = 24  # set by a worker that saw STOP, or for one that never came
FLAGS = 32

_YIELD = "SwitchToThread" if sys.platform == "win32" else "sched_yield"
_SPINS = 4_000  # about 100 µs of asking; then the processor is lent to others in between


@intrinsic
def _add(typing_context, flags, index, value):
    """Add to a flag in one indivisible operation, and return what it was."""

    def generate(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.atomic_rmw("add", builder.gep(data, [args[1]]), args[2], "seq_cst")

    return types.int64(flags, types.intp, types.int64), generate


@intrinsic
def read(typing_context, flags, index):
    """Return a flag as it is now, whatever thread wrote it."""

    def generate(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.load_atomic(builder.gep(data, [args[1]]), "seq_cst", 8)

    return types.int64(flags, types.intp), generate


@intrinsic
def write(typing_context, flags, index, value):
    """Set a flag, for every thread to see."""

    def generate(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        builder.store_atomic(args[2], builder.gep(data, [args[1]]), "seq_cst", 8)
        return context.get_dummy_value()

    return types.void(flags, types.intp, types.int64), generate


@intrinsic
def _yield(typing_context):
    """Let another thread run on this processor."""

    def generate(context, builder, signature, args):
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(ir.IntType(32), []), _YIELD)
        builder.call(function, [])
        return context.get_dummy_value()

    return types.void(), generate


@kernel
def wait_for_all(flags: Any, workers: int, turn: int) -> None:
    """Return once all workers have come to barrier number ``turn``, counted from 1, or one has given up."""
    if workers == 1:
        return
    _add(flags, ARRIVED, 1)
    spins = 0
    while read(flags, ARRIVED) < turn * workers:
        spins += 1
        if spins > _SPINS:
            if read(flags, ABORTED) != 0:
                return
            _yield()
