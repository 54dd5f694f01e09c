from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import clearprop as cp
from clearprop.errors import InputError, InputTypeError
from clearprop.layers.activations import Activation
from clearprop.layers.layer import Layer
from clearprop.losses.loss import Loss
from clearprop.optimizers.clipping import Clip
from clearprop.optimizers.optimizer import Optimizer
from clearprop.schedules import Schedule
from clearprop.settings import Settings, check_number, check_whole


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            Activation,
            "elu exponential gelu identity leaky_relu mish relu selu sigmoid silu softmax softplus tanh",
        ),
        (Loss, "absolute binary_cross_entropy categorical_cross_entropy huber poisson quantile squared"),
        (Optimizer, "adam adamw lbfgs momentum nesterov rmsprop rprop sgd"),
        (Schedule, "constant cosine_decay cosine_log2 exponential_decay inverse_scaling one_cycle step_decay warm_up"),
        (Clip, "clip_global_norm clip_norm clip_value"),
        (Layer, "dense dropout embedding grouped_dense layer_norm members periodic piecewise_linear scale"),
        (
            cp.Initializer,
            "given glorot_normal glorot_uniform he_normal he_uniform lecun_normal lecun_uniform normal zeros",
        ),
    ],
)
def test_names(kind: type[Settings], names: str) -> None:
    ours = {name for name, found in kind.known().items() if found.__module__.startswith("clearprop.")}
    assert ours == set(names.split())


def test_resolve_takes_a_name_or_an_object() -> None:
    assert Activation.resolve("relu") == cp.ReLU()
    mine = cp.LeakyReLU(0.2)
    assert Activation.resolve(mine) is mine


@pytest.mark.parametrize(
    ("kind", "wrong", "right"),
    [
        (Activation, "rellu", "relu"),
        (Activation, "ReLU", "relu"),
        (Loss, "binary_crossentropy", "binary_cross_entropy"),
        (Loss, "mse_squared", "squared"),
        (Optimizer, "adamm", "adam"),
        (Schedule, "cosine", "cosine_decay"),
        (Clip, "global_norm", "clip_global_norm"),
    ],
)
def test_unknown_name_says_the_nearest_right_one(kind: type[Settings], wrong: str, right: str) -> None:
    with pytest.raises(InputError, match=rf"unknown .*{wrong!r}; did you mean {right!r}\? Known: .*, "):
        kind.resolve(wrong)


def test_unknown_name_far_from_all_lists_them() -> None:
    with pytest.raises(InputError, match=r"unknown loss 'zzz'\. Known: absolute, "):
        Loss.resolve("zzz")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (cp.ReLU, r"the activation is the class ReLU; make an object of it: ReLU\(\)"),
        (3, r"activation is a name such as '.*' or an? Activation object; got 3"),
        (None, "is a name such as"),
    ],
)
def test_resolve_refuses_other_things(value: object, message: str) -> None:
    with pytest.raises(InputTypeError, match=message):
        Activation.resolve(value)


def test_a_name_whose_class_needs_settings_says_so() -> None:
    with pytest.raises(InputTypeError, match=r"the schedule 'step_decay' needs settings: give an object, StepDecay"):
        Schedule.resolve("step_decay")


def test_a_class_of_ones_own_is_found_by_its_name() -> None:
    @dataclass(frozen=True)
    class SquareOfMine(Activation):
        def __call__(self, z):
            return z * z

        def derivative(self, z, a):
            return 2 * z

    assert SquareOfMine.name == "square_of_mine"
    assert isinstance(Activation.resolve("square_of_mine"), SquareOfMine)
    assert cp.Dense(2, "square_of_mine").activation == SquareOfMine()


def test_text_shows_what_is_not_default() -> None:
    assert str(cp.LeakyReLU()) == "leaky_relu"
    assert str(cp.LeakyReLU(0.2)) == "leaky_relu(slope=0.2)"
    assert str(cp.Adam(0.1, weight_decay=0.5)) == "adam(rate=0.1, weight_decay=0.5)"
    assert "given(2, 3)" in str(cp.Dense(3, weight=np.zeros((2, 3))))


@pytest.mark.parametrize(
    "value",
    [
        cp.LeakyReLU(0.2),
        cp.Dense(3, cp.ELU(0.5), weight="lecun_uniform", bias=cp.initializers.Normal(1.0, 0.5)),
        cp.Dropout(0.25),
        cp.LayerNorm(1e-3),
        cp.Scale(),
        cp.Members(3),
        cp.GroupedDense(3, cp.LeakyReLU(0.1), groups=2, shared=True),
        cp.PiecewiseLinear(((0.5, 0.75, 3.0), (), (0.1, 1e300))),
        cp.Periodic(3, 5, 0.2, (True, False)),
        cp.Embedding((3, 0, 100_000), units=2),
        cp.Dense(6, cp.Softmax(groups=3)),
        cp.CategoricalCrossEntropy(0.1, groups=3),
        cp.Huber(2.5),
        cp.AdamW(0.1, beta1=0.8),
        cp.LBFGS(memory=3),
        cp.schedules.WarmUp(3, cp.schedules.CosineDecay(0.1, 20)),
        cp.ClipNorm(2.0),
        cp.Network(2, [cp.Dense(3, "selu"), cp.Dropout(0.1), cp.Dense(1)]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_description_round_trip(value: Settings) -> None:
    again = type(value).from_description(value.describe())
    assert again == value
    assert hash(again) == hash(value)


@pytest.mark.parametrize(
    ("description", "message"),
    [
        (7, "expected the description of a loss"),
        ({}, "with its 'type'"),
        ({"type": 3}, "with its 'type'"),
        ({"type": "loss.hubert"}, "did you mean 'loss.huber'.*must be defined before its file is loaded"),
        ({"type": "os.system"}, r"unknown loss 'os.system'"),
        ({"type": "activation.relu"}, "unknown loss 'activation.relu'"),
        ({"type": "loss.loss"}, "unknown loss"),
        ({"type": "loss.huber", "delta": 1.0, "colour": "red"}, r"can't be built from \['colour', 'delta'\]"),
    ],
)
def test_wrong_descriptions(description: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Loss.from_description(description)


def test_numpy_scalars_become_plain_numbers() -> None:
    """np.float64(0.1) · float32 array would be a float64 array."""
    assert type(cp.LeakyReLU(np.float64(0.1)).slope) is float
    assert type(cp.SGD(rate=np.float32(0.5)).rate) is float
    assert cp.Dense(np.int64(3)).units == 3


def test_check_whole() -> None:
    assert check_whole(np.int32(4), "n") == 4
    for wrong in (0, -1, 2.0, 2.5, True, "3", None, float("nan")):
        with pytest.raises(InputError, match=r"n must be a whole number, at least 1; got"):
            check_whole(wrong, "n")


def test_check_number() -> None:
    check_number(0.5, "r", least=0, below=1)
    check_number(0, "r", least=0, below=1)
    with pytest.raises(InputError, match="r must be at least 0 and below 1; got 1"):
        check_number(1, "r", least=0, below=1)
    with pytest.raises(InputError, match="r must be above 0; got 0"):
        check_number(0, "r", above=0)
    with pytest.raises(InputError, match=r"r must be at least 0 and at most 1; got 1\.5"):
        check_number(1.5, "r", least=0, most=1)
    with pytest.raises(InputError, match="r must be finite; got nan"):
        check_number(float("nan"), "r")
    with pytest.raises(InputError, match="r must be above 0; got inf"):
        check_number(float("inf"), "r", above=0)
    for wrong in ("1", True, None, 1j):
        with pytest.raises(InputTypeError, match="r must be a number; got"):
            check_number(wrong, "r")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cp.SGD(0), "SGD's rate must be above 0"),
        (lambda: cp.SGD(True), "SGD's rate must be a number"),
        (lambda: cp.SGD("0.1"), "SGD's rate must be a number"),
        (lambda: cp.SGD(0.1, weight_decay=-1), "SGD's weight_decay must be at least 0"),
        (lambda: cp.Momentum(0.1, 1.0), "Momentum's momentum must be at least 0 and below 1"),
        (lambda: cp.Nesterov(0.1, -0.1), "Nesterov's momentum"),
        (lambda: cp.RMSProp(decay=1), "RMSProp's decay"),
        (lambda: cp.RMSProp(epsilon=0), "RMSProp's epsilon must be above 0"),
        (lambda: cp.Adam(beta1=1), "Adam's beta1"),
        (lambda: cp.Adam(beta2=-0.5), "Adam's beta2"),
        (lambda: cp.AdamW(rate=float("inf")), "AdamW's rate"),
        (lambda: cp.Rprop(grow=0.5), "Rprop's grow must be at least 1"),
        (lambda: cp.Rprop(shrink=1), "Rprop's shrink"),
        (lambda: cp.LBFGS(memory=2.5), "LBFGS's memory must be a whole number"),
        (lambda: cp.LBFGS(max_evaluations=0), "LBFGS's max_evaluations"),
        (lambda: cp.LBFGS(tolerance=-1), "LBFGS's tolerance"),
        (lambda: cp.Dense(0), "a Dense layer's units must be a whole number, at least 1; got 0"),
        (lambda: cp.Dense(2.5), "got 2.5"),
        (lambda: cp.Dense("many"), "got 'many'"),
        (lambda: cp.Dense(3, "rellu"), "did you mean 'relu'"),
        (lambda: cp.Dense(3, weight="he_norm"), "unknown initializer 'he_norm'; did you mean 'he_normal'"),
        (lambda: cp.Dropout(1.0), "Dropout's rate must be at least 0 and below 1"),
        (lambda: cp.Dropout("half"), "Dropout's rate must be a number"),
        (lambda: cp.LayerNorm(0), "LayerNorm's epsilon must be above 0"),
        (lambda: cp.LeakyReLU(-0.1), "LeakyReLU's slope must be at least 0 and at most 1"),
        (lambda: cp.Huber(0), "Huber's delta must be above 0"),
        (lambda: cp.Quantile(1), "a quantile must be above 0 and below 1"),
        (lambda: cp.BinaryCrossEntropy(1), "label_smoothing must be at least 0 and below 1"),
        (lambda: cp.CategoricalCrossEntropy(-0.1), "label_smoothing"),
        (lambda: cp.ClipValue(0), "limit must be above 0"),
        (lambda: cp.ClipNorm("1"), "limit must be a number"),
        (lambda: cp.EarlyStopping(patience=0), "EarlyStopping's patience must be a whole number"),
        (lambda: cp.EarlyStopping(min_delta=-1), "EarlyStopping's min_delta"),
        (lambda: cp.ReduceOnPlateau(factor=1), "ReduceOnPlateau's factor must be above 0 and below 1"),
        (lambda: cp.ReduceOnPlateau(smallest=-1), "ReduceOnPlateau's smallest"),
    ],
)
def test_wrong_settings(make, message: str) -> None:
    with pytest.raises((InputError, InputTypeError), match=message):
        make()
