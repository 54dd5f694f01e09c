"""Tables as people have them: of any library, with text, dates and holes, checked against those of training."""

from __future__ import annotations

import copy
import datetime
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from clearprop import TabularClassifier, TabularRegressor
from clearprop.data.frames import as_table
from clearprop.errors import ClearpropWarning, InputError, InputTypeError

QUICK = {"n_members": 2, "hidden_layer_sizes": (16,), "max_epochs": 3, "random_state": 0}
RNG = np.random.default_rng(0)
ROWS = 120
AGE = RNG.normal(40, 9, ROWS).round(1)
PLAN = RNG.choice(["basic", "plus", "gold"], ROWS)
MEMBER = RNG.random(ROWS) < 0.5
SINCE = [datetime.datetime(2024, 1, 1, 6) + datetime.timedelta(days=int(d)) for d in RNG.integers(0, 300, ROWS)]
CELLS = [list(row) for row in zip(AGE.tolist(), PLAN.tolist(), MEMBER.tolist(), SINCE, strict=True)]
for place in range(0, ROWS, 7):
    CELLS[place][place % 4] = None
NAMES = ["age", "plan", "member", "since"]
COLUMNS = {name: [row[j] for row in CELLS] for j, name in enumerate(NAMES)}
LABELS = np.where((AGE > 40) ^ (PLAN == "gold"), "stays", "left")


class Stream:
    """Something that speaks Arrow, and nothing else."""

    def __init__(self, columns):
        self._table = pa.table(columns)

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


FORMS = {
    "pandas": pd.DataFrame, "pandas' Arrow": lambda columns: pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype),
    "pandas' nullable": lambda columns: pd.DataFrame(columns).convert_dtypes(), "polars": pl.DataFrame,
    "pyarrow": pa.table, "__arrow_c_stream__ alone": Stream,
    "objects": lambda columns: pd.DataFrame(columns).astype(object).to_numpy(),
    "a list": lambda columns: [list(row) for row in zip(*columns.values(), strict=True)],
    "a Table": lambda columns: as_table(pl.DataFrame(columns)),
}  # fmt: skip


@pytest.fixture(scope="module")
def wanted():
    return TabularClassifier(**QUICK).fit(pl.DataFrame(COLUMNS), LABELS).predict_proba(pl.DataFrame(COLUMNS))


@pytest.mark.parametrize("name", FORMS)
def test_the_same_table_gives_the_same_bits(name, wanted):
    table = FORMS[name](COLUMNS)
    model = TabularClassifier(**QUICK).fit(table, LABELS)
    assert_array_equal(model.predict_proba(table), wanted)
    assert list(model.kinds_.values()) == ["number", "text", "boolean", "date"]
    assert model.n_features_in_ == 4
    if name in ("objects", "a list"):
        assert not hasattr(model, "feature_names_in_")
    else:
        assert model.feature_names_in_.tolist() == NAMES
        assert_array_equal(model.predict_proba(pd.DataFrame(COLUMNS)), wanted)


def test_inputs_stay_as_they_are():
    frame, cells = pd.DataFrame(COLUMNS), FORMS["objects"](COLUMNS)
    numbers, y, weight = np.c_[AGE, AGE**2], AGE * 2, np.r_[0.0, np.ones(ROWS - 1)]
    before = copy.deepcopy((frame, cells, numbers, y, weight))
    for array in (numbers, y, weight, cells):
        array.flags.writeable = False
    for table in (frame, cells, numbers):
        model = TabularRegressor(**QUICK, interval=0.8).fit(table, y, weight)
        model.predict_interval(table)
        model.input_gradients(table)
    pd.testing.assert_frame_equal(frame, before[0])
    for array, old in zip((cells, numbers, y, weight), before[1:], strict=True):
        assert all(a is b or a == b for a, b in zip(array.ravel(), old.ravel(), strict=True))


NUMBERS = np.c_[AGE, RNG.integers(0, 9, ROWS), RNG.normal(size=ROWS)].astype(np.float32)
ALIKE = {
    "float64": NUMBERS.astype(float), "big-endian": NUMBERS.astype(">f8"), "Fortran order": np.asfortranarray(NUMBERS),
    "strided": np.repeat(NUMBERS, 2, axis=0)[::2], "objects": NUMBERS.astype(object), "a list": NUMBERS.tolist(),
    "long double": NUMBERS.astype(np.longdouble), "csr": sparse.csr_matrix(NUMBERS), "csc": sparse.csc_array(NUMBERS),
    "coo": sparse.coo_array(NUMBERS),
}  # fmt: skip


@pytest.mark.parametrize("name", ALIKE)
def test_the_same_numbers_in_another_form_give_the_same_bits(name):
    wanted = TabularRegressor(**QUICK).fit(NUMBERS, AGE).predict(NUMBERS)
    assert_array_equal(TabularRegressor(**QUICK).fit(ALIKE[name], AGE).predict(ALIKE[name]), wanted)


@pytest.mark.parametrize(
    ("dtype", "rows", "wanted"),
    [(None, 999, "float64"), (None, 1000, "float32"), ("float32", 60, "float32"), (np.float64, 1000, "float64")],
)
def test_the_dtype_of_the_network(dtype, rows, wanted):
    x = RNG.normal(size=(rows, 2)).astype(np.float32)
    model = TabularRegressor(**{**QUICK, "max_epochs": 1}, dtype=dtype).fit(x, x[:, 0])
    assert model.result_.parameters.vector.dtype == wanted
    assert model.predict(x).dtype == wanted


def test_categories_of_integers_are_no_numbers():
    codes = RNG.integers(0, 3, ROWS)
    y = (codes == 1) * 1.0
    as_categories = pd.DataFrame({"code": pd.Categorical(codes), "age": AGE})
    model = TabularRegressor(**QUICK).fit(as_categories, y)
    assert model.kinds_ == {"code": "text", "age": "number"}
    assert_array_equal(
        model.predict(as_categories), model.predict(pd.DataFrame({"code": codes.astype(str), "age": AGE}))
    )
    with pytest.raises(InputTypeError, match=r"column 'code' holds number .* expected text, as in training"):
        model.predict(pd.DataFrame({"code": codes, "age": AGE}))


def test_what_is_the_same_in_every_row_is_left_out_with_one_warning():
    table = pd.DataFrame({"age": AGE, "one": 1.0, "gone": [None] * ROWS, "same": "a"})
    with pytest.warns(ClearpropWarning, match="same in every row and are left out: one, gone, same") as caught:
        model = TabularRegressor(**QUICK, interval=0.8).fit(table, AGE)
    assert len(caught) == 1
    assert_array_equal(model.predict(table), model.predict(table.assign(one=5.0, gone=3.0, same="b")))
    with (
        pytest.raises(InputError, match="no column is left to learn from; the table has one, same"),
        pytest.warns(ClearpropWarning),
    ):
        TabularRegressor(**QUICK).fit(table[["one", "same"]], AGE)


def test_missing_values_anywhere_and_where_training_had_none():
    full = pd.DataFrame({"age": AGE, "plan": PLAN, "member": MEMBER, "since": SINCE})
    model = TabularClassifier(**QUICK).fit(full, LABELS)
    holes = full.astype(object).where(np.eye(4, dtype=bool)[np.arange(ROWS) % 4] == 0, None)
    assert np.isfinite(model.predict_proba(holes)).all()
    assert np.isfinite(model.predict_proba(full.astype(object).where(full.isna(), None))).all()


def test_levels_that_training_never_saw():
    full = pd.DataFrame({"age": AGE, "plan": PLAN})
    model = TabularClassifier(**QUICK).fit(full, LABELS)
    new = full.copy()
    new.loc[[3, 8], "plan"] = "platinum"
    with pytest.warns(ClearpropWarning, match=r"'plan' holds 'platinum' at row 3, .*didn't see \(2 such cells\)"):
        found = model.predict_proba(new)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ClearpropWarning)
        others = model.predict_proba(new.replace("platinum", "silver"))
    assert_array_equal(found, others)


@pytest.mark.parametrize("seed", range(4))
def test_a_rare_level_among_the_rows_held_out_is_no_users_mistake(seed):
    table = pd.DataFrame({"age": AGE, "plan": ["rare", *PLAN[1:]]})
    TabularRegressor(**{**QUICK, "random_state": seed, "max_epochs": 1}).fit(table, AGE)  # a warning is an error here


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_names_are_checked_as_scikit_learn_does(library):
    make = FORMS[library]
    model = TabularClassifier(**QUICK).fit(make(COLUMNS), LABELS)
    without = {name: COLUMNS[name] for name in NAMES[:3]}
    wrong = {
        "Feature names seen at fit time, yet now missing:\n- since": without,
        "must be in the same order": {name: COLUMNS[name] for name in NAMES[::-1]},
        "Feature names unseen at fit time:\n- more": {**COLUMNS, "more": AGE.tolist()},
    }
    for message, columns in wrong.items():
        with pytest.raises(InputError, match=message):
            model.predict(make(columns))
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        model.predict(FORMS["objects"](COLUMNS))
    with pytest.raises(InputError, match="X has 3 features, but TabularClassifier is expecting 4 features"):
        TabularClassifier(**QUICK).fit(FORMS["a list"](COLUMNS), LABELS).predict(FORMS["a list"](without))


def test_a_table_of_a_file_may_have_its_columns_in_any_order(wanted):
    model = TabularClassifier(**QUICK).fit(as_table(pl.DataFrame(COLUMNS)), LABELS)
    turned = as_table(pl.DataFrame({"more": AGE, **{name: COLUMNS[name] for name in NAMES[::-1]}}))
    assert_array_equal(model.predict_proba(turned), wanted)
    with pytest.raises(InputError, match="lacks 1 of the columns that training had: plan"):
        model.predict(turned.without("plan"))


WHOLE = (AGE > 40).astype(int)
TARGETS = {
    "pandas": pd.Series(WHOLE, name="stays"), "pandas' nullable": pd.Series(WHOLE, name="stays", dtype="Int64"),
    "pandas' Arrow": pd.Series(WHOLE, name="stays", dtype="int64[pyarrow]"), "polars": pl.Series("stays", WHOLE),
    "pyarrow": pa.chunked_array([WHOLE]), "a list": WHOLE.tolist(),
}  # fmt: skip


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
def test_y_of_any_library(kind, name):
    wanted = kind(**QUICK).fit(NUMBERS, WHOLE)
    model = kind(**QUICK).fit(NUMBERS, TARGETS[name])
    assert_array_equal(model.predict(NUMBERS), wanted.predict(NUMBERS))
    assert model.target_name_ == ("stays" if "p" in name and name != "pyarrow" else "y")


@pytest.mark.parametrize(
    "y",
    [
        pd.Series([1, None] * 60, dtype="Int64"), pd.Series([True, None] * 60, dtype="boolean"),
        pd.Series(["a", None] * 60, dtype="string"), pd.Series(pd.Categorical(["a", None] * 60)),
        pl.Series(["a", None] * 60), pl.Series([1, None] * 60), pa.array(["a", None] * 60),
    ],
    ids=["Int64", "boolean", "string", "category", "polars' text", "polars' integers", "pyarrow"],
)  # fmt: skip
def test_missing_labels_are_named_by_their_row(y):
    with pytest.raises(InputError, match=r"y holds \S+ at row 1\b"):
        TabularClassifier(**QUICK).fit(NUMBERS, y)
