"""What the numbers of a plan mean: how a network, its loss and its optimiser are told to the kernels."""

from __future__ import annotations

from typing import Final

# a layer's row of whole numbers
KIND: Final = 0
N_IN: Final = 1
N_OUT: Final = 2
ACTIVATION: Final = 3
WEIGHT: Final = 4  # where its parameters begin in the vector: weight or scale
BIAS: Final = 5  # bias or shift
Z: Final = 6  # where its z begins in a workspace, in units of rows: to be multiplied by n
A: Final = 7  # its a; the same place as z where f' can be had from a
EXTRA: Final = 8  # Dropout's mask, LayerNorm's inverse deviations; of layers that act by column a place in the settings
WAY: Final = 9  # how a Dense layer is multiplied
DRAWN: Final = 10  # numbers a row that layers before it draw
GROUPS: Final = 11  # of a Dense layer
SHARED: Final = 12  # whether they have the same weights and biases
SCALING: Final = 13  # of a Dense layer by a table: where its members' scales begin in the vector, or -1
TABLE: Final = 14  # where its table begins in a workspace
LAYER_NUMBERS: Final = 15

DENSE: Final = 0
DROPOUT: Final = 1
LAYER_NORM: Final = 2
SCALE: Final = 3
MEMBERS: Final = 4
PIECEWISE: Final = 5
PERIODIC: Final = 6
EMBEDDING: Final = 7
PLACES: Final = 8  # a PiecewiseLinear layer that only says where the numbers lie

TILES: Final = 0
BLAS: Final = 1
BY_TABLE: Final = 2
PAIR: Final = 32  # numbers in two of the widest vectors: units that a table has at a time, at most
FEW_ROWS: Final = 16  # rows of a block that lie in a table row by row, in the first cache

# activations
IDENTITY: Final = 0
RELU: Final = 1
LEAKY_RELU: Final = 2
SIGMOID: Final = 3
TANH: Final = 4
SELU: Final = 5
EXPONENTIAL: Final = 6
SOFTMAX: Final = 7
ELU: Final = 8
GELU: Final = 9
SILU: Final = 10
MISH: Final = 11
SOFTPLUS: Final = 12

# losses; a joint one is computed from z
SQUARED: Final = 0
ABSOLUTE: Final = 1
HUBER: Final = 2
QUANTILE: Final = 3
POISSON: Final = 4
BINARY: Final = 5
CATEGORICAL: Final = 6
JOINT_POISSON: Final = 7
JOINT_BINARY: Final = 8
JOINT_CATEGORICAL: Final = 9

# update rules
SGD: Final = 0
MOMENTUM: Final = 1
NESTEROV: Final = 2
RMSPROP: Final = 3
ADAM: Final = 4
RPROP: Final = 5

# clipping
NO_CLIP: Final = 0
CLIP_VALUE: Final = 1
CLIP_NORM: Final = 2
CLIP_GLOBAL_NORM: Final = 3

# a plan's whole numbers
N_ROWS: Final = 0
BATCH: Final = 1
PER_EPOCH: Final = 2
SHUFFLE: Final = 3
WORKERS: Final = 4
SHARES: Final = 5  # parts of a batch with a gradient of their own
BLOCK: Final = 6  # rows that go through the network together
ROWWISE: Final = 7  # the first layer reads x as it is, row by row (BLAS)
BY_COLUMN: Final = 8  # the data were given column by column
LOSS: Final = 9
FROM_Z: Final = 10
PARTS: Final = 11  # of a row's loss, which is their mean: outputs, or groups of classes
RULE: Final = 12
CLIP: Final = 13
INPUTS: Final = 14
OUTPUTS: Final = 15
Y: Final = 16  # columns of a workspace; x is at 0
SHARE: Final = 17
VALUES: Final = 18
D: Final = 19
SPARE: Final = 20
SCRATCH: Final = 21
DRAWS: Final = 22  # whether a layer draws
AGE: Final = 23  # updates of earlier runs that the rule's moments remember
LOWEST: Final = 24  # the first layer that has parameters
PLAN_NUMBERS: Final = 25

NO_RULE: Final = -1  # stop at the gradient

# a plan's real numbers
LOSS_SETTING: Final = 0
L1: Final = 1
L2: Final = 2
LIMIT: Final = 3
DECAY: Final = 4
HYPER: Final = 5  # and on: the update rule's settings
PLAN_REALS: Final = 10

# a parameter array's row of whole numbers
START: Final = 0
SIZE: Final = 1
IS_WEIGHT: Final = 2

# what is recorded of a step
RECORD_LOSS: Final = 0
RECORD_PENALTY: Final = 1
RECORD_CLIPPED: Final = 2
