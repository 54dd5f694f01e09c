# pyright: basic, reportMissingTypeStubs=false
# (Numba and llvmlite, whose objects make up this file, carry no types)
"""Parts of flat arrays, and simple loops over them. A slice does the same, but checks, and compiles slowly."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils

from clearprop.engines.kernels.jit import inlined, intrinsic


@intrinsic
def part(typing_context, array, start, size):
    """Return ``array[start : start + size]`` of a flat array; nothing is checked."""
    flat = types.Array(array.dtype, 1, "C")

    def generate(context, builder, signature, args):
        old = context.make_array(signature.args[0])(context, builder, args[0])
        new = context.make_array(flat)(context, builder)
        width = context.get_constant(types.intp, array.dtype.bitwidth // 8)
        new.data = builder.gep(old.data, [args[1]])
        new.meminfo = cgutils.get_null_value(new.meminfo.type)
        new.parent = cgutils.get_null_value(new.parent.type)
        new.nitems = args[2]
        new.itemsize = width
        new.shape = cgutils.pack_array(builder, [args[2]])
        new.strides = cgutils.pack_array(builder, [width])
        return new._getvalue()

    return flat(array, types.intp, types.intp), generate


@inlined
def fill(x: Any, value: Any) -> None:
    """x ← value."""
    for i in range(len(x)):
        x[i] = value


@inlined
def copy(x: Any, y: Any) -> None:
    """x ← y."""
    for i in range(len(x)):
        x[i] = y[i]
