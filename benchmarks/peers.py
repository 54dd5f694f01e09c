"""The peers that compile, and onnxruntime: ``torch.compile``, JAX a step at a time, JAX over all steps."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import numpy as np
from onnx_model import onnx_bytes

import clearprop as cp
from clearprop.bench.contenders import Contender, Run, clearprop_result, torch_network, torch_predict
from clearprop.bench.jobs import JOBS, Job, Predict

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


def torch_compile(job: Job, x: Any, y: Any, first: cp.Parameters) -> Run:
    """Compile gradient and update into one graph; parameters and moments are moved in place."""
    import torch

    torch.compiler.reset()  # it refuses to compile one text, the step below, for more than eight jobs
    model = torch_network(job, first)
    names, start = zip(*((name, values.detach().clone()) for name, values in model.named_parameters()), strict=True)
    values = [each.clone() for each in start]
    moments = [(torch.zeros_like(each), torch.zeros_like(each)) for each in start] if job.optimizer == "adam" else []
    count = torch.zeros(1, dtype=torch.float64)  # a Python number would be compiled in; of shape () it never moves
    inputs = torch.from_numpy(x)
    targets = torch.from_numpy(y[:, None].astype(x.dtype) if job.binary else y)
    functional = torch.nn.functional

    def loss(values: Any, batch: Any, wanted: Any) -> Any:
        scores = torch.func.functional_call(model, dict(zip(names, values, strict=True)), (batch,))
        if job.binary:
            return functional.binary_cross_entropy_with_logits(scores, wanted)
        return functional.cross_entropy(scores, wanted)

    @torch.compile(fullgraph=True, dynamic=False)
    def step(batch: Any, wanted: Any) -> None:
        gradients = torch.func.grad(loss)(values, batch, wanted)
        if job.optimizer == "sgd":
            for value, gradient in zip(values, gradients, strict=True):
                value.sub_(gradient, alpha=job.rate)
            return
        count.add_(1)
        small, large = ((1 - beta**count).to(values[0].dtype) for beta in (BETA1, BETA2))
        for value, gradient, (m, v) in zip(values, gradients, moments, strict=True):
            m.mul_(BETA1).add_(gradient, alpha=1 - BETA1)
            v.mul_(BETA2).add_(gradient * gradient, alpha=1 - BETA2)
            value.sub_(job.rate * (m / small) / ((v / large).sqrt() + EPSILON))

    def run(steps: int) -> Predict:
        with torch.no_grad():
            for value, begin in zip(values, start, strict=True):
                value.copy_(begin)
            for m, v in moments:
                m.zero_()
                v.zero_()
            count.zero_()
            for number in range(steps):
                begin = number % job.per_epoch * job.batch
                step(inputs[begin : begin + job.batch], targets[begin : begin + job.batch])
            for parameter, value in zip(model.parameters(), values, strict=True):
                parameter.copy_(value)
        return torch_predict(job, model)

    return run


def jax_step(job: Job, x: Any, y: Any) -> tuple[Any, Any]:
    """Return the update as a function of a state (count, values, moments), and how to predict from values."""
    import jax
    from jax import numpy as jnp

    jax.config.update("jax_enable_x64", True)  # everything below has its dtype from the data
    inputs = jnp.asarray(x).reshape(job.per_epoch, job.batch, -1)
    targets = jnp.asarray(y.astype(x.dtype if job.binary else np.int32)).reshape(job.per_epoch, job.batch)
    activation = {
        "relu": jax.nn.relu,
        "tanh": jnp.tanh,
        "leaky_relu": partial(jax.nn.leaky_relu, negative_slope=cp.LeakyReLU().slope),
    }[job.activation]

    def scores(values: Any, rows: Any) -> Any:
        for weight, bias in values[:-1]:
            rows = activation(rows @ weight + bias)
        return rows @ values[-1][0] + values[-1][1]

    def loss(values: Any, rows: Any, wanted: Any) -> Any:
        z = scores(values, rows)
        if job.binary:
            return (jax.nn.softplus(z[:, 0]) - wanted * z[:, 0]).mean()
        return (jax.nn.logsumexp(z, axis=1) - jnp.take_along_axis(z, wanted[:, None], 1)[:, 0]).mean()

    def step(state: Any) -> Any:
        count, values, moments = state
        i = count % job.per_epoch
        gradients = jax.grad(loss)(values, inputs[i], targets[i])
        count = count + 1
        if job.optimizer == "sgd":
            return count, jax.tree.map(lambda p, g: p - job.rate * g, values, gradients), moments
        m = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, moments[0], gradients)
        v = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, moments[1], gradients)
        small, large = ((1 - beta ** count.astype(jnp.float64)).astype(x.dtype) for beta in (BETA1, BETA2))
        moved = jax.tree.map(lambda p, m, v: p - job.rate * (m / small) / (jnp.sqrt(v / large) + EPSILON), values, m, v)
        return count, moved, (m, v)

    @jax.jit
    def predict(values: Any, rows: Any) -> Any:
        z = scores(values, rows)
        return jax.nn.sigmoid(z) if job.binary else jax.nn.softmax(z, 1)

    return step, predict


def jax_first(job: Job, first: cp.Parameters) -> Any:
    """Return the state before the first step."""
    import jax
    from jax import numpy as jnp

    values = [(jnp.array(layer["weight"]), jnp.array(layer["bias"])) for layer in first.layers]
    zeros = (jax.tree.map(jnp.zeros_like, values), jax.tree.map(jnp.zeros_like, values))
    return jnp.zeros((), jnp.int32), values, zeros if job.optimizer == "adam" else ()


def jax_jit(job: Job, x: Any, y: Any, first: cp.Parameters) -> Run:
    """Compile one step; the state's memory is given to the next one. The batches lie in JAX's memory already."""
    import jax

    step, predict = jax_step(job, x, y)
    compiled = jax.jit(step, donate_argnums=0)

    def run(steps: int) -> Predict:
        state = jax_first(job, first)
        for _ in range(steps):
            state = compiled(state)
        values = jax.block_until_ready(state)[1]
        return lambda rows: np.asarray(predict(values, rows))

    return run


def jax_scan(job: Job, x: Any, y: Any, first: cp.Parameters) -> Run:
    """Compile all steps into one call."""
    import jax

    step, predict = jax_step(job, x, y)

    @partial(jax.jit, static_argnums=1, donate_argnums=0)
    def all_steps(state: Any, steps: int) -> Any:
        return jax.lax.scan(lambda state, _: (step(state), None), state, length=steps)[0]

    def run(steps: int) -> Predict:
        values = jax.block_until_ready(all_steps(jax_first(job, first), steps))[1]
        return lambda rows: np.asarray(predict(values, rows))

    return run


def onnxruntime(job: Job, x: Any, y: Any, first: cp.Parameters) -> Run:
    """Predict with what Clearprop has trained; it doesn't train."""
    import onnxruntime as ort

    def run(steps: int) -> Predict:
        result = clearprop_result(job, x, y, first, steps, "reference")
        options = ort.SessionOptions()  # onnxruntime doesn't read the environment; 0 leaves the choice to it
        options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "0"))
        model = onnx_bytes(result.network, result.parameters)
        session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        return lambda rows: session.run(None, {"x": rows})[0]

    return run


CONTENDERS = [
    Contender("torch.compile", ("torch",), torch_compile),
    Contender("JAX jit", ("jax",), jax_jit),
    Contender("JAX scan", ("jax",), jax_scan),
    Contender("onnxruntime", ("onnxruntime",), onnxruntime, skips=frozenset(JOBS)),
]
