# pyright: basic, reportMissingTypeStubs=false, reportArgumentType=false, reportAttributeAccessIssue=false
# (Numba and llvmlite, whose objects make up this file, carry no types)
"""Vectors of the processor as numbers of a kernel: load, store, spread, multiply-add, sum.

The compiler vectorises plain loops over one array by itself; products of small matrices it doesn't (it can't know that
input and output don't overlap), so their kernels say what is a vector. One of 32 bytes is an AVX register; where
registers have 64 bytes (AVX-512), a vector has them too.
"""

from __future__ import annotations

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import models, register_model

from clearprop.engines.kernels.jit import intrinsic

BYTES = 64 if binding.get_host_cpu_features().get("avx512f") else 32


class Vector(types.Type):
    """``count`` numbers of one type in a register."""

    def __init__(self, dtype):
        self.dtype = dtype
        self.count = BYTES * 8 // dtype.bitwidth
        super().__init__(name=f"Vector({dtype} x {self.count})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, ir.VectorType(dmm.lookup(fe_type.dtype).get_value_type(), fe_type.count))


def _place(context, builder, array_type, array, index):
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [index])


def _spread(context, builder, vector, number):
    kind = context.get_value_type(vector)
    index = ir.IntType(32)
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), number, ir.Constant(index, 0))
    return builder.shuffle_vector(
        first, ir.Constant(kind, ir.Undefined), ir.Constant(ir.VectorType(index, kind.count), [0] * kind.count)
    )


@intrinsic
def lanes(typing_context, array):
    """Return how many of an array's numbers a vector holds: a constant for the compiler."""
    count = Vector(array.dtype).count

    def generate(context, builder, signature, args):
        return context.get_constant(types.intp, count)

    return types.intp(array), generate


@intrinsic
def load(typing_context, array, index):
    """Return the vector that begins at ``array[index]``; nothing is checked."""
    vector = Vector(array.dtype)

    def generate(context, builder, signature, args):
        place = _place(context, builder, signature.args[0], *args)
        pointer = builder.bitcast(place, context.get_value_type(vector).as_pointer())
        return builder.load(pointer, align=array.dtype.bitwidth // 8)

    return vector(array, types.intp), generate


@intrinsic
def store(typing_context, array, index, vector):
    """Write a vector to ``array[index]`` and on; nothing is checked."""

    def generate(context, builder, signature, args):
        place = _place(context, builder, signature.args[0], *args[:2])
        pointer = builder.bitcast(place, context.get_value_type(vector).as_pointer())
        builder.store(args[2], pointer, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, vector), generate


@intrinsic
def spread(typing_context, array, index):
    """Return the vector whose numbers are all ``array[index]``; nothing is checked."""
    vector = Vector(array.dtype)

    def generate(context, builder, signature, args):
        number = builder.load(_place(context, builder, signature.args[0], *args))
        return _spread(context, builder, vector, number)

    return vector(array, types.intp), generate


@intrinsic
def zeros_like(typing_context, array):
    """Return the vector of zeros that fits an array."""
    vector = Vector(array.dtype)

    def generate(context, builder, signature, args):
        return ir.Constant(context.get_value_type(vector), None)

    return vector(array), generate


@intrinsic
def add(typing_context, a, b):
    """Return a + b."""

    def generate(context, builder, signature, args):
        return builder.fadd(*args)

    return a(a, b), generate


@intrinsic
def multiply_add(typing_context, a, b, c):
    """Return a · b + c, rounded once where the processor can."""

    def generate(context, builder, signature, args):
        kind = context.get_value_type(c)
        name = f"llvm.fmuladd.v{kind.count}f{c.dtype.bitwidth}"
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind] * 3), name)
        return builder.call(function, args)

    return c(a, b, c), generate


@intrinsic
def total(typing_context, vector):
    """Return the sum of a vector's numbers, added in halves."""

    def generate(context, builder, signature, args):
        kind = context.get_value_type(vector)
        name = f"llvm.vector.reduce.fadd.v{kind.count}f{vector.dtype.bitwidth}"
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(kind.element, [kind.element, kind]), name
        )
        return builder.call(function, [ir.Constant(kind.element, -0.0), args[0]], fastmath=["reassoc"])

    return vector.dtype(vector), generate
