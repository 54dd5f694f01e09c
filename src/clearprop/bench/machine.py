"""The machine that a figure was measured on."""

from __future__ import annotations

import os
import platform
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

PACKAGES = ("numpy", "numba", "scipy", "scikit-learn", "torch", "jax", "onnxruntime")


def state() -> str:
    """Return the machine, its load, its BLAS, and the versions of what is installed, in a line."""
    load = f"load {os.getloadavg()[0]:.1f} at the start, " if hasattr(os, "getloadavg") else ""
    versions = [f"{name} {found}" for name in PACKAGES if (found := _version(name))]
    return (
        f"{cpu()}, {os.cpu_count()} cores, {load}{kernels()}; Python {platform.python_version()}, {', '.join(versions)}"
    )


def cpu() -> str:
    """Return the processor's name, and the widest vectors that it has where the system says."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text(encoding="utf-8").splitlines() if information.exists() else []
    fields = {line.partition(":")[0].strip(): line.partition(":")[2].strip() for line in lines}
    flags = fields.get("flags", "").split()
    widest = next((f" ({name})" for flag, name in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if flag in flags), "")
    return (fields.get("model name") or platform.processor() or platform.machine()) + widest


def kernels() -> str:
    """Return which BLAS NumPy runs, and which kernels it chose for this CPU."""
    threadpoolctl: Any = import_module("threadpoolctl")
    found = [library for library in threadpoolctl.threadpool_info() if library["user_api"] == "blas"]
    numpys = str(Path(np.__file__).parent)  # its wheels keep it in numpy.libs or numpy/.dylibs; SciPy has another one
    found.sort(key=lambda library: not str(library["filepath"]).startswith(numpys))
    if not found:
        return "unknown BLAS"
    return f"{found[0]['internal_api']} {found[0]['version']}, {found[0].get('architecture', 'unknown')} kernels"


def peak_memory() -> float:
    """Return the most memory that this process has held, in MiB; nan where the system doesn't say."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    peaks = [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")]
    return peaks[0] if peaks else float("nan")


def forget_peak() -> None:
    """Let the peak begin anew at what is held now, where the system can."""
    switch = Path("/proc/self/clear_refs")
    if switch.exists():
        switch.write_text("5", encoding="ascii")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
