"""Where compiled kernels are kept on disk, so that they are compiled once on a machine. Doesn't import Numba.

The folder's name has in it all that the machine code depends on: the kernels' text, the versions, the processor. Numba
keeps its own index there, written so that several processes may come at once; what is ready is marked beside it.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

_KERNELS = Path(__file__).parent


@cache
def folder() -> Path | None:
    """Return the folder of this machine's kernels, made if need be; None where nothing can be written."""
    import tempfile  # here, since most runs are short and never ask

    path = _base() / f"kernels-{_key()}"
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return path
    except OSError:
        return None


@cache
def is_ready(dtype: str) -> bool:
    """Tell whether the kernels of a dtype lie on disk; asked once a process, so that all its runs choose alike."""
    return _marker(dtype).exists()


def mark_ready(dtype: str) -> None:
    """Remember that the kernels of a dtype lie on disk."""
    if folder() is not None:
        _marker(dtype).touch()


def lock(dtype: str) -> Path:
    """Return the file that a process holds while it compiles in the background."""
    return _marker(dtype).with_suffix(".lock")


def _marker(dtype: str) -> Path:
    return _base() / f"kernels-{_key()}" / f"{dtype}.ready"


def _base() -> Path:
    if given := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(given) / "clearprop"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "clearprop"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "clearprop"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clearprop"


@cache
def _key() -> str:
    import hashlib
    import platform
    from importlib.metadata import version

    parts = [sys.implementation.cache_tag or "", platform.machine(), _cpu()]
    parts += [str(_KERNELS)]  # Numba's own index goes by this, and by when the entries' files were written
    parts += [str((_KERNELS / name).stat().st_mtime_ns) for name in ("steps.py", "passes.py")]
    parts += [library.name for library in blas_libraries()]
    parts += [version(package) for package in ("numba", "llvmlite", "numpy")]
    digest = hashlib.sha256("\n".join(parts).encode())
    for source in sorted(_KERNELS.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def blas_libraries() -> list[Path]:
    """Return the files of the OpenBLAS that NumPy's wheels bring along: on Linux, Windows and macOS."""
    import numpy as np

    package = Path(np.__file__).parent
    folders = (package.parent / "numpy.libs", package / ".dylibs")
    return sorted(file for folder in folders for file in folder.glob("*openblas*"))


def _cpu() -> str:
    """Return what tells processors apart: their features where the system lists them."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            lines = file.read(16_384).splitlines()
    except OSError:
        import platform

        return platform.processor()
    return "\n".join(line for line in lines if line.startswith(("model name", "flags", "Features")))
