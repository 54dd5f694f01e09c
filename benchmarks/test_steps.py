"""The same jobs through pytest-benchmark: ``pytest benchmarks``. Quote ratios from steps.py: it interleaves."""

import machine
import pytest
from jobs import CONTENDERS, JOBS, final_loss, load

CASES = [(name, dtype) for name, job in JOBS.items() for dtype in job.dtypes]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("who", CONTENDERS)
@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_steps(benchmark, name, dtype, who, threads):
    """Time whole runs of ``job.steps`` steps, and see that they learnt."""
    load(who)
    job = JOBS[name]
    x, y = job.data(dtype)
    first = job.first(dtype)
    benchmark.group = f"{job.title()}, {job.steps} steps, {dtype}, {threads} threads"
    with machine.threads(threads):
        predict = benchmark.pedantic(CONTENDERS[who], (job, x, y, first), rounds=3, iterations=1, warmup_rounds=1)
    benchmark.extra_info |= {"steps": job.steps, "kernels": machine.kernels()}
    assert final_loss(job, predict, x, y) < final_loss(job, lambda rows: job.network().predict(first, rows), x, y)


@pytest.mark.parametrize("name", ["C", "D"])  # in B scikit-learn has another activation
def test_everybody_does_the_same_work(name):
    """Equal work from equal first weights ends at an equal loss; 1e-2 because rounding grows over the steps."""
    job = JOBS[name]
    x, y = job.data("float32")
    load(*CONTENDERS)
    with machine.threads(1):
        losses = {who: final_loss(job, run(job, x, y, job.first("float32")), x, y) for who, run in CONTENDERS.items()}
    assert losses == pytest.approx(dict.fromkeys(losses, losses["Clearprop"]), rel=1e-2)
