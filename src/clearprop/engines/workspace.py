"""Everything that a network's kernels read and write: its tables, and the memory that they work in."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.engines import plan as plans
from clearprop.engines.kernels import codes
from clearprop.engines.kernels.random import WORDS
from clearprop.engines.layer_table import layer_table
from clearprop.losses.loss import Loss
from clearprop.network import Network

NOTHING = np.zeros(0, np.int64)
_PADDING = 64  # rows that a block may be padded by, at most


class Workspace:
    """The tables of one network and loss in one dtype, and memory for a number of workers.

    Parameters
    ----------
    network, loss
    dtype : float32 or float64
    rows : int
        The most rows that are computed at a time, by all workers together.
    workers, shares : int
        Threads, and parts of a batch with a gradient of their own.
    whole : bool
        Whether all rows are kept in one block.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        dtype: Any,
        rows: int,
        workers: int = 1,
        shares: int = 1,
        whole: bool = False,
    ) -> None:
        self.layers, self.settings, columns = layer_table(network, fuse=not whole)
        self.plan, self.reals = plans.numbers(network, loss, columns, self.layers, np.dtype(dtype).itemsize)
        self.arrays = plans.parameter_arrays(network)
        self.plan[codes.WORKERS], self.plan[codes.SHARES] = workers, shares
        share = -(-rows // shares) + 16
        block = rows if whole else min(int(self.plan[codes.BLOCK]), rows if shares == 1 else share)
        self.plan[codes.BLOCK] = max(block, 1)
        size = -(-columns.width * (block + _PADDING if block > 1 else 1) // 16) * 16
        self.layers[:, codes.TABLE] = size
        self.work = aligned((workers, size + columns.table), dtype)
        self.gradients = aligned((shares, network.n_parameters), dtype)
        self.generators = np.zeros((workers, 2, WORDS), np.uint64)
        self.partial = np.zeros(shares)
        self.nothing = np.zeros(0, dtype)

    def like(self) -> Workspace:
        """Return the same tables with memory of its own to predict in."""
        other = copy(self)
        other.work = aligned(self.work.shape, self.work.dtype)
        return other

    def set_rows(self, n_rows: int, batch: int, shuffle: bool = False, by_column: bool = False) -> None:
        """Write how many rows there are, and how they make batches."""
        self.plan[codes.N_ROWS], self.plan[codes.BATCH] = n_rows, batch
        self.plan[codes.PER_EPOCH] = -(-n_rows // batch)
        self.plan[codes.SHUFFLE], self.plan[codes.BY_COLUMN] = shuffle, by_column


def aligned(shape: tuple[int, int], dtype: Any) -> Array:
    """Return zeros whose rows begin at multiples of 64 bytes, so that no vector lies across two cache lines."""
    n, width = shape
    step = 64 // np.dtype(dtype).itemsize
    width = -(-width // step) * step
    memory = np.zeros(n * width + step, dtype)
    start = -memory.ctypes.data % 64 // np.dtype(dtype).itemsize
    return memory[start : start + n * width].reshape(n, width)


class _Memory:
    """An array's memory without its read-only mark."""

    def __init__(self, x: Array) -> None:
        interface = x.__array_interface__
        self.__array_interface__ = interface | {"data": (interface["data"][0], False)}
        self.array = x  # which owns it


def flat(x: Array) -> Array:
    """Return an array as a flat one in C order, without a copy where it can be.

    One that is read-only (a table on disk, say) is seen as if it weren't: the kernels only read it, and Numba would
    compile all of them again for its type.
    """
    if not x.flags.writeable:
        x = np.asarray(_Memory(np.ascontiguousarray(x)))
    return np.ascontiguousarray(x).reshape(-1)


def words_of(seed: int) -> Array:
    """Return a seed as 32-bit words, the lowest first, as NumPy's seed sequences read it."""
    words = [seed & 0xFFFFFFFF]
    while seed := seed >> 32:
        words.append(seed & 0xFFFFFFFF)
    return np.array(words, np.uint32)
