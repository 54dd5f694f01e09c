"""The Tabular estimators inside scikit-learn's own tools."""

from __future__ import annotations

import joblib
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.impute import SimpleImputer
from sklearn.metrics import ConfusionMatrixDisplay, PredictionErrorDisplay, RocCurveDisplay, accuracy_score
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

import clearprop as cp
from clearprop import TabularClassifier, TabularRegressor

RNG = np.random.default_rng(0)
ROWS = 150
FRAME = pd.DataFrame(
    {"age": RNG.normal(40, 9, ROWS), "plan": RNG.choice(["basic", "plus"], ROWS), "visits": RNG.integers(0, 9, ROWS)}
)
FRAME.loc[::9, "age"] = np.nan
VALUE = 0.1 * FRAME["age"].fillna(40) + 2 * (FRAME["plan"] == "plus")
KIND = np.where(VALUE.median() < VALUE, "stays", "left")
SETTINGS = {"n_members": 2, "hidden_layer_sizes": (16,), "max_epochs": 10, "random_state": 0}
CLASSES = TabularClassifier(**SETTINGS, optimizer=cp.Adam(0.02))
NUMBERS = TabularRegressor(**SETTINGS, optimizer=cp.Adam(0.02))


def test_pipeline_grid_search_and_cross_validation():
    pipeline = make_pipeline(FunctionTransformer(), CLASSES)
    search = GridSearchCV(
        pipeline, {"tabularclassifier__n_members": [1, 2], "tabularclassifier__numeric": ["none", "piecewise"]}, cv=3
    )
    assert search.fit(FRAME, KIND).best_score_ > 0.8
    widths = [layer.n_outputs(16) for layer in search.best_estimator_[-1].network_.layers[-1:]]
    assert widths == [search.best_params_["tabularclassifier__n_members"]]
    assert cross_val_score(pipeline, FRAME, KIND, cv=3, scoring="roc_auc").min() > 0.8
    assert cross_val_score(NUMBERS, FRAME, VALUE, cv=3).min() > 0.5


def test_calibration_and_scaled_targets():
    calibrated = CalibratedClassifierCV(CLASSES, cv=3).fit(FRAME, KIND)
    assert calibrated.score(FRAME, KIND) > 0.85
    assert_allclose(calibrated.predict_proba(FRAME).sum(axis=1), 1)
    scaled = TransformedTargetRegressor(NUMBERS, func=np.log, inverse_func=np.exp).fit(FRAME, VALUE)
    assert scaled.score(FRAME, VALUE) > 0.6


@pytest.mark.parametrize("output", ["pandas", "polars", "default"])
def test_after_a_column_transformer(output):
    columns = ColumnTransformer(
        [
            ("number", make_pipeline(SimpleImputer(), StandardScaler()), ["age", "visits"]),
            ("kind", OneHotEncoder(sparse_output=False), ["plan"]),
        ],
    ).set_output(transform=output)
    model = make_pipeline(columns, clone(CLASSES)).fit(FRAME, KIND)
    assert model.score(FRAME, KIND) > 0.85
    if output == "default":
        assert not hasattr(model[-1], "feature_names_in_")
    else:
        assert model[-1].feature_names_in_.tolist()[:2] == ["number__age", "number__visits"]


def test_metadata_routing_of_weights():
    weight = np.where(FRAME["visits"] < 5, 0.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = clone(CLASSES).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        pipeline = make_pipeline(FunctionTransformer(), routed)
        got = cross_validate(pipeline, FRAME, KIND, cv=3, params={"sample_weight": weight}, return_estimator=True)
        search = GridSearchCV(pipeline, {"tabularclassifier__n_members": [1, 2]}, cv=3)
        search.fit(FRAME, KIND, sample_weight=weight)
    assert all(model[-1].n_learnt_ + model[-1].n_held_out_ < 70 for model in got["estimator"])
    best = search.best_estimator_[-1]
    assert best.n_learnt_ + best.n_held_out_ == weight.sum()


def test_joblib_loky_gives_the_same_bits():
    with joblib.parallel_backend("loky", n_jobs=2):
        scores = cross_val_score(CLASSES, FRAME, KIND, cv=3, scoring="neg_log_loss")
    assert_array_equal(scores, cross_val_score(CLASSES, FRAME, KIND, cv=3, scoring="neg_log_loss"))


def test_clones_parameters_and_tags():
    model = clone(CLASSES).set_params(n_members=1).fit(FRAME, KIND)
    assert model.get_params() == {**CLASSES.get_params(), "n_members": 1}
    assert not hasattr(clone(model), "classes_")
    assert not hasattr(clone(model), "_model")
    with pytest.raises(ValueError, match="Invalid parameter 'members'"):
        model.set_params(members=1)
    assert repr(TabularClassifier()) == "TabularClassifier()"
    assert is_classifier(CLASSES)
    assert is_regressor(NUMBERS)
    tags = sklearn.utils.get_tags(CLASSES).input_tags
    assert tags.allow_nan
    assert tags.sparse
    assert tags.string


def test_scores_with_weights():
    weight = np.arange(ROWS)
    model = clone(CLASSES).fit(FRAME, KIND)
    wanted = accuracy_score(KIND, model.predict(FRAME), sample_weight=weight)
    assert model.score(FRAME, KIND, sample_weight=weight) == wanted
    with pytest.raises(TypeError):
        TabularClassifier("tabm")  # settings have names


def test_displays():
    with mpl.rc_context({"backend": "Agg"}):
        model, number = clone(CLASSES).fit(FRAME, KIND), clone(NUMBERS).fit(FRAME, VALUE)
        assert RocCurveDisplay.from_estimator(model, FRAME, KIND).roc_auc > 0.9
        assert ConfusionMatrixDisplay.from_estimator(model, FRAME, KIND).confusion_matrix.sum() == ROWS
        assert CalibrationDisplay.from_estimator(model, FRAME, KIND, n_bins=4).prob_true.max() <= 1
        display = PredictionErrorDisplay.from_estimator(number, FRAME, VALUE)
        assert_array_equal(np.sort(display.y_pred), np.sort(number.predict(FRAME)))
        mpl.pyplot.close("all")
