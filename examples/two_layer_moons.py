# %% [markdown]
# # One hidden unit and two moons
#
# A network with a single hidden unit learns to tell two half moons apart, and can't quite: one unit bends nothing, so
# the border stays a straight line, and the cost stays near 0.3.
#
# Run it as a script (`python two_layer_moons.py FOLDER` puts its two figures into that folder), or open it as a
# notebook.

# %%
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import make_moons

import clearprop as cp

folder = Path(sys.argv[1] if __name__ == "__main__" and len(sys.argv) == 2 else ".")

# %% [markdown]
# ## The data
# 200 points, drawn by NumPy's older generator, so that they are the same as in many a tutorial.

# %%
np.random.seed(0)  # noqa: NPY002 - the older generator is where the known numbers come from
x, y = make_moons(200, noise=0.20)

figure = Figure(figsize=(6, 4.5), layout="constrained")
ax = figure.subplots()
for k, (color, marker) in enumerate([("#E69F00", "o"), ("#0072B2", "^")]):
    ax.plot(*x[y == k].T, marker, color=color, markeredgecolor="white", markeredgewidth=0.5, label=f"class {k}")
ax.set(xlabel="$x_0$", ylabel="$x_1$", title="Two moons")
ax.legend()
figure.savefig(folder / "two_layer_moons_data.png", dpi=120)

# %% [markdown]
# ## The network
# One hidden unit with tanh, one output with sigmoid; small first weights, biases zero. A weight matrix has the shape
# (inputs, units).

# %%
draw = np.random.RandomState(2)
hidden = draw.randn(1, 2) * 0.01
output = draw.randn(1, 1) * 0.01
network = cp.Network(2, [cp.Dense(1, "tanh", weight=hidden.T), cp.Dense(1, "sigmoid", weight=output.T)])
print(network)

# %% [markdown]
# ## Training
# Plain gradient descent on the mean binary cross-entropy of all points, 10,000 updates at rate 0.01. Each cost is taken
# before its update.

# %%
result = cp.train(network, x, y, loss="binary_cross_entropy", optimizer=cp.SGD(0.01), steps=10_000, rng=0)
costs = result.history["loss"]
for step in range(0, 10_000, 1000):
    print(f"cost after {step:>5,} updates: {costs[step]:.6f}")

# %%
figure = Figure(figsize=(6, 4), layout="constrained")
ax = figure.subplots()
ax.plot(costs, color="#0072B2")
ax.set(xlabel="updates", ylabel="cost", title="One hidden unit, rate 0.01")
ax.xaxis.set_major_formatter("{x:,.0f}")
ax.grid(alpha=0.3)
figure.savefig(folder / "two_layer_moons_cost.png", dpi=120)

# %% [markdown]
# At rate 0.1 it gets to 0.313 within 1,000 updates, and to 0.303 within 10,000. It can't get much further: the border
# is the straight line where tanh(x W + b) has one value.
