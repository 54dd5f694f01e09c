"""Targets that make training or its measures misleading, and a network that has learnt nothing from them."""

from __future__ import annotations

from math import isfinite

import numpy as np

from clearprop.diagnosis.case import Case
from clearprop.diagnosis.columns import LARGE, OFFSET, SMALL
from clearprop.diagnosis.finding import Finding, listed
from clearprop.layers.activations import Identity
from clearprop.losses.classification import BinaryCrossEntropy, CategoricalCrossEntropy

NOTHING = 0.02
"""A loss that is less than this share below that of always saying the mean: as good as nothing learnt."""
FREQUENT = 0.9
"""From this share of rows on, the most frequent class alone makes accuracy look good."""


def constant_target(case: Case) -> list[Finding]:
    """Say that there is nothing to tell apart."""
    if len(case.targets) == 1 or (case.targets != case.targets[0]).any():
        return []
    evidence = f"every one of {case.rows_seen} has the target {listed([f'{t:g}' for t in case.targets[0].tolist()])}."
    return [Finding("constant target", evidence, "Check which column is the target, and which rows were picked.")]


def unscaled_targets(case: Case) -> list[Finding]:
    """Name outputs of a regression whose targets are far from mean 0 and deviation 1."""
    if not isinstance(case.result.network.output_activation, Identity) or _are_classes(case):
        return []  # what a bounded output, or one that is e^z, can say is a scale of its own
    mean, deviation = case.targets.mean(axis=0), case.targets.std(axis=0)
    size = np.sqrt(mean**2 + deviation**2)
    far = (deviation > 0) & ((size > LARGE) | (size < SMALL) | (abs(mean) > OFFSET * deviation))
    if not far.any():
        return []
    texts = [
        f"{'y' if len(far) == 1 else f'output {k}'} has mean {mean[k]:.3g} and deviation {deviation[k]:.3g}"
        for k in np.flatnonzero(far).tolist()
    ]
    evidence = f"{listed(texts)}; first outputs are of size 1, so their errors and gradients are far from it."
    remedy = (
        "Standardise y by the training rows' mean and deviation, and undo it on predictions; "
        "TransformedTargetRegressor does both."
    )
    return [Finding("unscaled targets", evidence, remedy)]


def class_imbalance(case: Case) -> list[Finding]:
    """Say where always naming the most frequent class is right in nine rows of ten."""
    targets, outputs = case.targets, case.outputs
    if not _are_classes(case) or not ((targets == 0) | (targets == 1)).all():
        return []
    several = isinstance(case.result.loss, CategoricalCrossEntropy)
    wanted = [targets.argmax(axis=1)] if several else list(targets.T.astype(np.intp))
    said = [outputs.argmax(axis=1)] if several else list((outputs > 0.5).T.astype(np.intp))
    texts: list[str] = []
    for k, (labels, answers) in enumerate(zip(wanted, said, strict=True)):
        counts = np.bincount(labels)
        frequent = int(counts.argmax())
        share = counts[frequent] / len(labels)
        if not FREQUENT <= share < 1:
            continue
        others = labels != frequent
        of = f"of output {k} " if len(wanted) > 1 else ""
        texts.append(
            f"{share:.1%} of the rows {of}are of class {frequent}, so always saying that is right as often; "
            f"the network is right in {np.mean(labels == answers):.1%}, and in "
            f"{np.mean((labels == answers)[others]):.1%} of the others"
        )
    if not texts:
        return []
    remedy = (
        "Measure by log loss, ROC AUC or balanced accuracy; to find more of the rare classes weight them "
        "(class_weight='balanced', sample_weight) or move the threshold."
    )
    return [Finding("class imbalance", f"{listed(texts)}.", remedy)]


def underfitting(case: Case) -> list[Finding]:
    """Say that the network is no better than the mean of the targets, or how frequent each class is."""
    if not (case.targets != case.targets[0]).any() or case.baseline - case.loss > NOTHING * abs(case.baseline):
        return []
    always = "how frequent each class is" if _are_classes(case) else "the mean"
    said = f"{case.loss:.4g}" if isfinite(case.loss) else "not finite"
    evidence = (
        f"on {case.rows_seen} that it learnt from the loss is {said}; always saying {always} gives {case.baseline:.4g}."
    )
    remedy = (
        "Mend what else was found first; then try more units, more steps, less regularisation. If all fails, the "
        "inputs may say nothing about the target."
    )
    return [Finding("underfitting", evidence, remedy)]


def _are_classes(case: Case) -> bool:
    return isinstance(case.result.loss, BinaryCrossEntropy | CategoricalCrossEntropy)
