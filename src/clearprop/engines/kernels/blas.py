# pyright: basic, reportMissingTypeStubs=false, reportArgumentType=false, reportAttributeAccessIssue=false
# (Numba and llvmlite, whose objects make up this file, carry no types)
"""BLAS's matrix product (SciPy's library), by the symbol that Numba's own ``np.dot`` calls.

``np.dot`` itself can neither add to a result nor take a part of a buffer without a copy.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils

from clearprop.engines.kernels.jit import intrinsic


@intrinsic
def gemm(typing_context, transpose_a, transpose_b, m, n, k, a, i, lda, b, j, ldb, beta, c, o, ldc):
    """Write A B + beta C to C: matrices in Fortran order from a[i], b[j] and c[o] on, A (m, k), B (k, n), C (m, n).

    A flag says that A or B lies there transposed; lda, ldb and ldc are the distances between columns. Returns 0.
    """
    dtype = c.dtype

    def generate(context, builder, signature, args):
        char, whole, pointer = ir.IntType(8), context.get_value_type(types.intp), ir.IntType(8).as_pointer()
        kind = [
            char,
            char,
            char,
            whole,
            whole,
            whole,
            *[pointer, pointer, whole, pointer, whole, pointer, pointer, whole],
        ]
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(ir.IntType(32), kind), "numba_xxgemm")

        def flag(value):
            return builder.select(value, ir.Constant(char, ord("t")), ir.Constant(char, ord("n")))

        def at(place):
            data = context.make_array(signature.args[place])(context, builder, args[place]).data
            return builder.bitcast(builder.gep(data, [args[place + 1]]), pointer)

        def slot(value):
            return builder.bitcast(cgutils.alloca_once_value(builder, value), pointer)

        number = context.get_value_type(dtype)
        return builder.call(
            function,
            [
                ir.Constant(char, ord("s" if dtype == types.float32 else "d")), flag(args[0]), flag(args[1]),
                args[2], args[3], args[4], slot(ir.Constant(number, 1.0)), at(5), args[7], at(8), args[10],
                slot(args[11]), at(12), args[14],
            ],
        )  # fmt: skip

    whole, flag = types.intp, types.boolean
    signature = types.int32(flag, flag, *[whole] * 3, a, whole, whole, b, whole, whole, dtype, c, whole, whole)
    return signature, generate
