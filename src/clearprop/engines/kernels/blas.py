# pyright: basic, reportMissingTypeStubs=false, reportArgumentType=false, reportAttributeAccessIssue=false
# (Numba and llvmlite, whose objects make up this file, carry no types)
"""The matrix product of the BLAS that NumPy brings along, called from kernels.

``np.dot`` in a kernel can neither add to a result nor take a part of a buffer without a copy, and calls SciPy's BLAS,
in measured versions a seventh slower than NumPy's. Where NumPy brings no OpenBLAS of its own, SciPy's it is.
"""

from __future__ import annotations

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils

from clearprop.engines.kernels.cache import blas_libraries
from clearprop.engines.kernels.jit import intrinsic


def _numpy_has_it() -> bool:
    """Load NumPy's own BLAS, so that kernels find its functions, and tell whether it has them."""
    for library in blas_libraries():
        binding.load_library_permanently(str(library))
    return all(binding.address_of_symbol(name) is not None for name in ("scipy_sgemm_64_", "scipy_dgemm_64_"))


NUMPYS = _numpy_has_it()


@intrinsic
def gemm(typing_context, transpose_a, transpose_b, m, n, k, a, i, lda, b, j, ldb, beta, c, o, ldc):
    """Write A B + beta C to C: matrices in Fortran order from a[i], b[j] and c[o] on, A (m, k), B (k, n), C (m, n).

    A flag says that A or B lies there transposed; lda, ldb and ldc are the distances between columns.
    """
    dtype = c.dtype

    def generate(context, builder, signature, args):
        char, whole, pointer = ir.IntType(8), context.get_value_type(types.intp), ir.IntType(8).as_pointer()
        letter = "s" if dtype == types.float32 else "d"
        one = ir.Constant(context.get_value_type(dtype), 1.0)

        def flag(value):
            return builder.select(value, ir.Constant(char, ord("t")), ir.Constant(char, ord("n")))

        def at(place):
            data = context.make_array(signature.args[place])(context, builder, args[place]).data
            return builder.bitcast(builder.gep(data, [args[place + 1]]), pointer)

        def slot(value):
            return builder.bitcast(cgutils.alloca_once_value(builder, value), pointer)

        def function(result, kinds, name):
            return cgutils.get_or_insert_function(builder.module, ir.FunctionType(result, kinds), name)

        if NUMPYS:  # Fortran's way: everything by its place in memory
            call = function(ir.VoidType(), [pointer] * 13, f"scipy_{letter}gemm_64_")
            values = [flag(args[0]), flag(args[1]), *args[2:5], one]
            places = [slot(value) for value in values]
            places += [at(5), slot(args[7]), at(8), slot(args[10]), slot(args[11]), at(12), slot(args[14])]
            builder.call(call, places)
        else:
            kinds = [char] * 3 + [whole] * 3 + [pointer, pointer, whole, pointer, whole, pointer, pointer, whole]
            call = function(ir.IntType(32), kinds, "numba_xxgemm")
            values = [
                ir.Constant(char, ord(letter)),
                flag(args[0]),
                flag(args[1]),
                args[2],
                args[3],
                args[4],
                slot(one),
            ]
            values += [at(5), args[7], at(8), args[10], slot(args[11]), at(12), args[14]]
            builder.call(call, values)
        return context.get_dummy_value()

    whole, flag = types.intp, types.boolean
    signature = types.void(flag, flag, *[whole] * 3, a, whole, whole, b, whole, whole, dtype, c, whole, whole)
    return signature, generate
