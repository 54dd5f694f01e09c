"""The measured jobs, and who does them: Clearprop, scikit-learn and PyTorch, each from the same first weights."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

import clearprop as cp

Predict = Callable[[Any], Any]


@dataclass(frozen=True)
class Job:
    """A network, a batch and an optimiser; rows in fixed order, synthetic data of the right shape.

    ``steps`` is a whole number of epochs, because that is what scikit-learn can be asked for.
    """

    name: str
    sizes: tuple[int, ...]
    activation: str
    rows: int
    batch: int
    optimizer: str
    rate: float
    steps: int
    dtypes: tuple[str, ...]

    @property
    def per_epoch(self) -> int:
        """Batches an epoch."""
        return self.rows // self.batch

    def title(self) -> str:
        """Say the job in a line."""
        shape = "-".join(map(str, self.sizes))
        return f"{self.name}: {shape}, {self.activation}, {self.optimizer}, batch {self.batch:,} of {self.rows:,} rows"

    def data(self, dtype: str) -> tuple[Any, Any]:
        """Return x (rows, inputs), and y (rows,): labels, which depend on x."""
        rng = np.random.default_rng(0)
        x = rng.normal(size=(self.rows, self.sizes[0])).astype(dtype)
        scores = x @ rng.normal(size=(self.sizes[0], max(self.sizes[-1], 2))) + rng.normal(size=(self.rows, 1))
        return x, scores.argmax(axis=1)

    def network(self) -> cp.Network:
        """Return the network; the last layer is a sigmoid or a softmax."""
        hidden = [cp.Dense(units, self.activation) for units in self.sizes[1:-1]]
        last = cp.Dense(self.sizes[-1], "sigmoid" if self.sizes[-1] == 1 else "softmax")
        return cp.Network(self.sizes[0], [*hidden, last])

    def first(self, dtype: str) -> cp.Parameters:
        """Return the first weights of everybody's run."""
        return self.network().first_parameters(np.random.default_rng(1), dtype)


JOBS = {
    job.name: job
    for job in (
        Job("B", (2, 16, 16, 1), "leaky_relu", 150, 150, "sgd", 0.25, 1_500, ("float64", "float32")),
        Job("C", (784, 128, 64, 10), "relu", 6_400, 128, "adam", 0.001, 200, ("float32",)),
        Job("D", (28, 300, 300, 300, 1), "relu", 20_480, 1_024, "adam", 0.001, 40, ("float32",)),
    )
}


def clearprop(job: Job, x: Any, y: Any, first: cp.Parameters) -> Predict:
    """Run the public ``train``, as a user would."""
    result = cp.train(
        job.network(), x, y,
        loss="binary_cross_entropy" if job.sizes[-1] == 1 else "categorical_cross_entropy",
        optimizer=cp.SGD(job.rate) if job.optimizer == "sgd" else cp.Adam(job.rate),
        steps=job.steps, batch_size=job.batch, shuffle=False, parameters=first, rng=0,
    )  # fmt: skip
    return result.predict


def scikit_learn(job: Job, x: Any, y: Any, first: cp.Parameters) -> Predict:
    """Run ``MLPClassifier.fit`` without penalty, momentum or early end; job B takes its ReLU: it has no leaky one."""
    from sklearn.neural_network import MLPClassifier

    values = iter(first.values())

    class Started(MLPClassifier):  # scikit-learn has no public way to give first weights
        def _init_coef(self, fan_in: int, fan_out: int, dtype: Any) -> tuple[Any, Any]:
            return next(values).astype(dtype), next(values).astype(dtype)

    epochs = job.steps // job.per_epoch
    model = Started(
        job.sizes[1:-1], activation="relu", solver=job.optimizer, alpha=0.0, batch_size=job.batch,
        learning_rate_init=job.rate, max_iter=epochs, shuffle=False, tol=0.0, n_iter_no_change=epochs + 1,
        momentum=0.0, nesterovs_momentum=False, random_state=0,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that it hasn't converged
        model.fit(x, y)
    if model.t_ != job.steps * job.batch:
        raise RuntimeError(f"scikit-learn saw {model.t_} rows, not {job.steps * job.batch}")

    def predict(rows: Any) -> Any:
        probabilities = np.asarray(model.predict_proba(rows))
        return probabilities[:, 1:] if job.sizes[-1] == 1 else probabilities

    return predict


def pytorch(job: Job, x: Any, y: Any, first: cp.Parameters) -> Predict:
    """Run the usual eager loop, with fused Adam; unlike the two others it doesn't look at the loss of each step."""
    import torch
    from torch import nn

    activation = {"relu": nn.ReLU, "leaky_relu": lambda: nn.LeakyReLU(0.05)}[job.activation]
    parts: list[nn.Module] = []
    for n_inputs, n_units in zip(job.sizes, job.sizes[1:], strict=False):
        parts += [nn.Linear(n_inputs, n_units), activation()]
    model = nn.Sequential(*parts[:-1])
    model.to(getattr(torch, str(x.dtype)))
    with torch.no_grad():
        for parameter, values in zip(model.parameters(), first.values(), strict=True):
            parameter.copy_(torch.from_numpy(values.T.copy()))  # torch's weights are (units, inputs)
    inputs = torch.from_numpy(x)
    one = job.sizes[-1] == 1
    targets = torch.from_numpy(y[:, None].astype(x.dtype) if one else y)
    loss = nn.BCEWithLogitsLoss() if one else nn.CrossEntropyLoss()
    optimizer = (
        torch.optim.SGD(model.parameters(), job.rate)
        if job.optimizer == "sgd"
        else torch.optim.Adam(model.parameters(), job.rate, fused=True)
    )
    for step in range(job.steps):
        start = step % job.per_epoch * job.batch
        optimizer.zero_grad()
        loss(model(inputs[start : start + job.batch]), targets[start : start + job.batch]).backward()
        optimizer.step()

    def predict(rows: Any) -> Any:
        with torch.no_grad():
            scores = model(torch.from_numpy(rows))
            return (torch.sigmoid(scores) if one else torch.softmax(scores, 1)).numpy()

    return predict


CONTENDERS: dict[str, Callable[[Job, Any, Any, cp.Parameters], Predict]] = {
    "Clearprop": clearprop,
    "scikit-learn": scikit_learn,
} | ({"PyTorch": pytorch} if find_spec("torch") else {})
MODULES = {"Clearprop": "clearprop", "scikit-learn": "sklearn.neural_network", "PyTorch": "torch"}


def load(*names: str) -> None:
    """Import what these contenders need, so that neither a time nor a limit on threads meets it later."""
    for name in names:
        import_module(MODULES[name])


def final_loss(job: Job, predict: Predict, x: Any, y: Any) -> float:
    """Return the cross-entropy of all rows after the run: equal work ends at an equal loss."""
    p = predict(x).astype(np.float64)
    right = np.where(y == 1, p[:, 0], 1 - p[:, 0]) if job.sizes[-1] == 1 else p[np.arange(len(y)), y]
    return float(-np.log(right).mean())
