"""What the losses of a run say about its rate, its length, and whether it learnt the rows by heart."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from clearprop.arrays import Array
from clearprop.diagnosis.case import Case
from clearprop.diagnosis.finding import Finding
from clearprop.optimizers.lbfgs import LBFGS

PARTS = 10
"""The run is read in so many parts, whose means hide the noise of single batches."""
LEAST_STEPS = 2 * PARTS
SURE = 4.0
"""A difference of two means counts from so many standard errors on: noise gives that once in 30,000 comparisons."""
RISE = 0.1
"""Lost again of what was gained (from the loss of always saying the mean): too much to be chance or harmless."""
PEAK = 3.0
"""A run whose loss climbs to so many times where it began has left the region in which its steps help."""
SWING = 0.05
"""Steps that go up and down by this share of all that was gained jump from one slope of a valley to the other."""
ALTERNATES = -0.9
"""Correlation of one change of the loss with the next: −1 up and down, −0.5 the noise of batches (−2/3 where two make
up an epoch), above 0 a smooth course."""
HUGE = 1e100
"""Larger losses count as this one: their squares are finite."""
FALL = 0.05
"""A loss that in a tenth of the run still falls by this share of its whole fall (a straight line: 0.1) is steep."""
KEPT = 0.5
"""Rows not learnt from should keep at least this share of what was gained on the others."""


class _Course(NamedTuple):
    """The loss in ten parts of the run."""

    means: Array
    errors: Array
    """The means' standard errors."""
    gain: float
    """How far the loss came from that of always saying the mean, or a tenth of that."""
    falling: float
    """How much the loss surely still falls in a tenth of the run at its end, by a line through the last third; or 0."""

    def risen(self) -> float:
        """Return how far the last part surely lies above the lowest; or 0."""
        least = int(self.means.argmin())
        difference = float(self.means[-1] - self.means[least])
        return difference if difference > SURE * float(np.hypot(self.errors[-1], self.errors[least])) else 0.0


def rate_too_high(case: Case) -> list[Finding]:
    """Say that the loss broke down, exploded, swings, rose again, or stays above that of the mean."""
    result, losses = case.result, _losses(case)
    evidence = f"the run {result.stopped}." if result.stopped.startswith("diverged") else ""
    if not evidence and len(losses) >= LEAST_STEPS:
        course = _course(case, losses)
        evidence = _exploded(case, losses, course) or _swings(losses, course) or _rose(case, course)
    if not evidence:
        return []
    text = f"{evidence} The rate was {_rate(case):.3g}."
    remedy = (
        f"Lower the rate, to {_rate(case) / 10:.1g} say, or let it fall (schedule='cosine_decay'); scale inputs and "
        "targets; clip=ClipGlobalNorm(1.0) holds single large gradients."
    )
    return [Finding("rate too high", text, remedy)]


def rate_too_low(case: Case) -> list[Finding]:
    """Say that the loss was still falling steeply when the run ended."""
    losses, validation = _losses(case), case.series("validation_loss")
    if len(losses) < LEAST_STEPS or case.result.stopped.startswith("diverged"):
        return []
    if len(validation) and int(validation.argmin()) < 0.9 * (len(validation) - 1):
        return []  # going on would learn the rows by heart
    course = _course(case, losses)
    whole = max(float(course.means[0]), _beginning(losses)) - float(course.means[-1])
    smooth = float(np.diff(course.means).max()) < RISE / PARTS * course.gain  # else the rate is high enough
    if course.falling <= FALL * whole or whole <= 0 or not smooth:
        return []
    evidence = (
        f"after {len(losses):,} steps the loss was {course.means[-1]:.4g} and still falling, by {course.falling:.2g} "
        f"in a tenth of the run: {course.falling / whole:.0%} of its whole fall."
    )
    if isinstance(case.result.optimizer, LBFGS):  # whose steps are as long as they should be
        return [Finding("too few steps", evidence, "Train for longer.")]
    remedy = f"Raise the rate (it was {_rate(case):.3g}; try {3 * _rate(case):.1g}), or train for longer."
    return [Finding("rate too low", evidence, remedy)]


def overfitting(case: Case) -> list[Finding]:
    """Say that rows not learnt from got worse while those learnt from got better, or keep little of the gain."""
    evidence = _got_worse(case) or _keep_little(case)
    remedy = (
        "Stop early (callbacks=[EarlyStopping()]), add dropout or weight decay, take fewer units, or find more rows."
    )
    return [Finding("overfitting", evidence, remedy)] if evidence else []


def _course(case: Case, losses: Array) -> _Course:
    parts = np.array_split(losses, PARTS)
    means = np.array([part.mean() for part in parts])
    errors = np.array([part.std() / len(part) ** 0.5 for part in parts])
    gain = case.baseline - float(means.min())
    end = losses[-len(losses) // 3 :]
    t = np.arange(len(end)) - (len(end) - 1) / 2
    slope = float(t @ end / (t @ t))
    error = float((end - end.mean() - slope * t).std() / np.sqrt(t @ t))
    return _Course(
        means=means,
        errors=errors,
        gain=max(gain, RISE * abs(case.baseline)) or float(np.ptp(means)),
        falling=-slope * len(losses) / PARTS if -slope > SURE * error else 0.0,
    )


def _losses(case: Case) -> Array:
    return np.clip(case.series("loss"), -HUGE, HUGE)


def _beginning(losses: Array) -> float:
    return float(losses[: max(len(losses) // 100, 1)].mean())


def _exploded(case: Case, losses: Array, course: _Course) -> str:
    window = max(len(losses) // 100, 1)
    sums = np.concatenate([[0.0], losses.cumsum()])
    smooth = (sums[window:] - sums[:-window]) / window
    first, peak, low = _beginning(losses), float(smooth.max()), float(course.means.min())
    noise = float(np.median(abs(np.diff(losses[-len(losses) // 2 :])))) / window**0.5  # of one mean, nearly
    if peak - low <= PEAK * (max(first, case.baseline) - low) + 10 * noise:
        return ""
    top = f"over {peak:g}" if peak >= HUGE else f"{peak:.4g}"
    return f"the loss began at {first:.4g} and climbed to {top} by step {int(smooth.argmax()) + window - 1:,}."


def _swings(losses: Array, course: _Course) -> str:
    changes = np.diff(losses[-len(losses) // 2 :])
    size = float(np.sqrt(np.mean(changes**2)))
    if (
        size <= SWING * course.gain
        or len(changes) < LEAST_STEPS
        or float(np.mean(changes[1:] * changes[:-1])) > ALTERNATES * size**2
    ):
        return ""
    return f"the loss swings up and down from step to step, by {size:.3g} at a loss of {course.means[-1]:.4g}."


def _rose(case: Case, course: _Course) -> str:
    means = course.means
    if course.risen() > RISE * course.gain:
        return f"the loss rose again, from {means.min():.4g} to {means[-1]:.4g} in the last tenth of the run."
    room = RISE * abs(case.baseline) + SURE * float(course.errors[-1])
    if means[-1] > case.baseline + room and not course.falling:
        return (
            f"the loss ended at {means[-1]:.4g} and no longer falls, where always saying the targets' mean gives "
            f"{case.baseline:.4g}."
        )
    return ""


def _got_worse(case: Case) -> str:
    result, held = case.result, case.series("validation_loss")
    if len(held) < 2:
        return ""
    steps, learnt = result.history.steps("validation_loss"), case.series("loss")
    best = result.progress.best
    end = len(held) - 1 if best is None else int(np.searchsorted(steps, best.step, "right")) - 1
    least = int(held[: end + 1].argmin()) if end >= 0 else 0
    rise, gain = float(held[end] - held[least]), case.baseline - float(held[least])
    if end <= least or rise <= RISE * max(gain, 0.05 * abs(case.baseline)):
        return ""
    at_least, at_end = _epoch_mean(case, learnt, int(steps[least])), _epoch_mean(case, learnt, int(steps[end]))
    if not at_end < at_least:
        return ""
    return (
        f"the validation loss rose from {held[least]:.4g} (step {steps[least]:,}) to {held[end]:.4g} (step "
        f"{steps[end]:,}), while the loss of the rows learnt from fell from {at_least:.4g} to {at_end:.4g}."
    )


def _epoch_mean(case: Case, losses: Array, step: int) -> float:
    """Return the mean loss of the updates between the last two validations up to ``step``."""
    steps = case.result.history.steps("validation_loss")
    per_epoch = int(np.diff(steps).min())
    done = int(np.searchsorted(case.result.history.steps("loss"), step))
    return float(losses[max(done - per_epoch, 0) : max(done, 1)].mean())


def _keep_little(case: Case) -> str:
    gain = case.baseline - case.loss
    if case.validation_loss is None or not gain > 0:
        return ""
    kept = case.baseline - case.validation_loss
    if kept >= KEPT * gain:
        return ""
    return (
        f"the loss is {case.loss:.4g} on the rows learnt from and {case.validation_loss:.4g} on the validation rows; "
        f"always saying the targets' mean gives {case.baseline:.4g}."
    )


def _rate(case: Case) -> float:
    rates = case.series("rate")
    return float(rates.max()) if len(rates) else case.result.optimizer.rate
