"""How many times faster than each peer the work is to be done, in one run; and how near to the floor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clearprop.bench.contenders import COMPILED, REFERENCE


@dataclass(frozen=True)
class Goal:
    """What a case is to reach: at least these ratios (a peer's time by ours), at most so much over the floor."""

    job: str
    dtype: str
    threads: int
    ratios: Mapping[str, float]
    over_floor: float | None = None
    who: str = COMPILED


def _four(scikit_learn: float, pytorch: float, torch_compile: float, jax_scan: float) -> dict[str, float]:
    return {"scikit-learn": scikit_learn, "PyTorch": pytorch, "torch.compile": torch_compile, "JAX scan": jax_scan}


STEPS = (
    Goal("A", "float64", 1, _four(40, 100, 35, 3.5), 1.5),
    Goal("B", "float64", 1, _four(15, 28, 11, 2.2), 1.6),
    Goal("B", "float64", 1, {"scikit-learn": 2.2, "PyTorch": 4, "torch.compile": 1.6}, who=REFERENCE),
    Goal("B", "float32", 1, _four(22, 40, 14, 2.9), 1.5),
    Goal("C", "float32", 1, _four(2.4, 2.6, 2.2, 1.05), 1.10),
    Goal("C", "float32", 2, _four(3.5, 4, 3.2, 1.6), 1.10),
    Goal("C32", "float32", 2, {"scikit-learn": 4.5, "PyTorch": 4, "JAX scan": 1.8}, 1.15),
    Goal("D", "float32", 2, _four(3, 2.5, 3, 1.4), 1.0),
    Goal("E", "float32", 2, {"PyTorch": 2.5, "JAX scan": 1.35}, 1 / 0.9),  # 90 % of what BLAS reaches
)
ONE_ROW = {"scikit-learn": 15, "PyTorch": 4.5, "onnxruntime": 1}
MILLION_ROWS = {"scikit-learn": 2, "PyTorch": 3, "onnxruntime": 1}
IMPORT, FIRST_MODEL = 0.15, 0.25  # seconds


def verdict(found: float, goal: float | None, *, most: bool = False) -> str:
    """Return a figure beside its goal.

    Examples
    --------
    >>> verdict(41.2, 40), verdict(1.62, 1.5, most=True), verdict(3.0, None)
    ('41.2 ≥ 40 ✓', '1.62 > 1.5 ✗', '3.00')
    """
    text = f"{found:.1f}" if found >= 10 else f"{found:.2f}"
    if goal is None:
        return text
    reached = found <= goal if most else found >= goal
    sign = ("≤" if reached else ">") if most else ("≥" if reached else "<")
    return f"{text} {sign} {goal:.3g} {'✓' if reached else '✗'}"
