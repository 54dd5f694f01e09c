"""Write metrics.json: what scikit-learn and NumPy say about fixed scores, which metrics.ts is held to.

Run it from anywhere: ``python page/golden/metrics.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import calibration, metrics

HERE = Path(__file__).parent


def binary(rng: np.random.Generator, ties: bool) -> dict[str, Any]:
    """Return curves and counts of one class of two; with ties, scores come in tenths."""
    positive = rng.integers(0, 2, 80)
    scores = 1 / (1 + np.exp(-(1.5 * positive - 0.75 + rng.standard_normal(80))))
    scores = np.round(scores, 1) if ties else scores
    rates, hits, _ = metrics.roc_curve(positive, scores, drop_intermediate=False)
    precision, recall, _ = metrics.precision_recall_curve(positive, scores)
    frequency, confidence = calibration.calibration_curve(positive, scores, n_bins=10)
    return {
        "scores": scores.tolist(),
        "positive": positive.tolist(),
        "rates": rates.tolist(),
        "hits": hits.tolist(),
        "area": metrics.roc_auc_score(positive, scores),
        "precision": precision[::-1].tolist(),
        "recall": recall[::-1].tolist(),
        "average": metrics.average_precision_score(positive, scores),
        "confusion": metrics.confusion_matrix(positive, scores >= 0.4).tolist(),
        "frequency": frequency.tolist(),
        "confidence": confidence.tolist(),
    }


def multiclass(rng: np.random.Generator) -> dict[str, Any]:
    """Return counts and one-against-rest areas of three classes."""
    actual = rng.integers(0, 3, 60)
    outputs = np.exp(rng.standard_normal((60, 3)) + np.eye(3)[actual])
    outputs /= outputs.sum(axis=1, keepdims=True)
    return {
        "actual": actual.tolist(),
        "outputs": outputs.ravel().tolist(),
        "confusion": metrics.confusion_matrix(actual, outputs.argmax(axis=1)).tolist(),
        "accuracy": metrics.accuracy_score(actual, outputs.argmax(axis=1)),
        "areas": [metrics.roc_auc_score(actual == k, outputs[:, k]) for k in range(3)],
    }


def regression(rng: np.random.Generator) -> dict[str, Any]:
    """Return errors and a histogram of numbers."""
    targets = rng.standard_normal(50) * 3 + 10
    predictions = targets + rng.standard_normal(50)
    counts, edges = np.histogram(targets - predictions, bins=12)
    return {
        "targets": targets.tolist(),
        "predictions": predictions.tolist(),
        "root_mean_square": metrics.root_mean_squared_error(targets, predictions),
        "mean_absolute": metrics.mean_absolute_error(targets, predictions),
        "explained": metrics.r2_score(targets, predictions),
        "counts": counts.tolist(),
        "edges": edges.tolist(),
    }


def main() -> None:
    """Write the file."""
    rng = np.random.default_rng(5)
    values = {
        "binary": [binary(rng, ties=False), binary(rng, ties=True)],
        "multiclass": multiclass(rng),
        "regression": regression(rng),
    }
    (HERE / "metrics.json").write_text(json.dumps(values, indent=1) + "\n")


if __name__ == "__main__":
    main()
