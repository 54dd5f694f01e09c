"""Lets the benchmarks import each other, and OpenBLAS choose this CPU's own kernels (it reads both when it starts)."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
