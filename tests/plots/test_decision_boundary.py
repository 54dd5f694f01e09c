from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.multioutput import MultiOutputClassifier

import clearprop as cp
from clearprop.errors import InputError, InputTypeError
from clearprop.plots import DecisionBoundaryDisplay
from clearprop.plots.grid import make_grid
from clearprop.plots.style import class_image, class_style

draw = DecisionBoundaryDisplay.from_estimator


def test_the_map_of_two_classes_is_the_prediction(result, moons):
    display = draw(result, *moons, resolution=40)
    grid = display.grid
    expected = result.predict(grid.points)[:, 0].reshape(40, 40)
    np.testing.assert_array_equal(display.image_.get_array(), expected)
    row, column = 7, 31  # and each pixel lies on its point
    assert grid.points[row * 40 + column].tolist() == [grid.first[column], grid.second[row]]
    left, right, bottom, top = display.image_.get_extent()
    pixel = (grid.first[column] - left) / (right - left) * 40, (grid.second[row] - bottom) / (top - bottom) * 40
    np.testing.assert_allclose(pixel, (column + 0.5, row + 0.5), rtol=1e-12)
    assert display.image_.origin == "lower"
    assert display.image_.get_clim() == (0, 1)
    assert display.ax_.get_aspect() == "auto"


def test_the_line_between_two_classes_is_at_one_half(moons):
    network = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])
    result = cp.train(network, *moons, loss="binary_cross_entropy", optimizer=cp.Adam(0.05), steps=100, rng=0)
    display = draw(result, *moons, resolution=150)
    (border,) = display.borders_
    vertices = np.concatenate([path.vertices for path in border.get_paths()])
    np.testing.assert_allclose(result.predict(vertices)[:, 0], 0.5, atol=0.005)


def test_the_map_of_many_classes_is_the_likeliest_one(three_classes):
    x, y, result = three_classes
    display = draw(result, x, y, resolution=50)
    probabilities = result.predict(display.grid.points)
    image = np.asarray(display.image_.get_array()).reshape(-1, 3)
    colors = np.array([to_rgb(class_style(k)[0]) for k in range(3)])
    strength = (probabilities.max(axis=1) - 1 / 3) * 1.5 * 0.5
    expected = 1 - strength[:, None] * (1 - colors[probabilities.argmax(axis=1)])
    np.testing.assert_allclose(image, expected, atol=1e-12)
    for border in display.borders_:
        for path in border.get_paths():
            best = np.sort(result.predict(path.vertices), axis=1)
            np.testing.assert_allclose(best[:, -1], best[:, -2], atol=0.15)
    assert len(display.borders_) == 3
    assert display.colorbar_ is None


def test_the_map_of_a_regression_has_the_points_on_its_scale(regression):
    x, y, result = regression
    display = draw(result, x[:30], y[:30], x_test=x[30:], y_test=y[30:], resolution=30)
    prediction = result.predict(display.grid.points)[:, 0]
    np.testing.assert_array_equal(display.image_.get_array(), prediction.reshape(30, 30))
    assert display.image_.get_clim() == (min(prediction.min(), y.min()), max(prediction.max(), y.max()))
    train, test = display.points_
    np.testing.assert_array_equal(train.get_array(), y[:30])
    np.testing.assert_array_equal(test.get_array(), y[30:])
    assert train.norm is display.image_.norm
    assert display.borders_ == []


def test_points_differ_by_class_in_colour_and_marker_and_by_edge_if_held_out(result, moons):
    x, y = moons
    display = draw(result, x[:40], y[:40], x_test=x[40:], y_test=y[40:])
    train0, train1, test0, test1 = display.points_
    np.testing.assert_array_equal(train0.get_offsets(), x[:40][y[:40] == 0])
    np.testing.assert_array_equal(test1.get_offsets(), x[40:][y[40:] == 1])
    assert to_hex(train0.get_facecolor()[0]) == to_hex(test0.get_facecolor()[0]) == class_style(0)[0].lower()
    assert to_hex(train1.get_facecolor()[0]) == class_style(1)[0].lower()
    shapes = [len(points.get_paths()[0].vertices) for points in display.points_]
    assert shapes[0] == shapes[2] != shapes[1] == shapes[3]
    assert test0.get_linewidths()[0] > 2 * train0.get_linewidths()[0]
    assert [text.get_text() for text in display.legend_.get_texts()] == ["0", "1", "train", "test"]


def test_without_targets_there_is_only_the_map(result, moons):
    display = draw(result, moons[0])
    assert display.points_ == []
    assert display.legend_ is None


@pytest.mark.parametrize("labels", [["no", "yes"], [False, True], [-1, 1]], ids=str)
def test_an_estimators_own_labels_are_used(moons, labels):
    x, y = moons
    own = np.array(labels)[y]
    model = LogisticRegression().fit(x, own)
    display = draw(model, x, own, resolution=20)
    expected = model.predict_proba(display.grid.points)[:, 1]
    np.testing.assert_array_equal(np.asarray(display.image_.get_array()).ravel(), expected)
    assert display.class_names == [str(label) for label in labels]
    np.testing.assert_array_equal(display.points_[1].get_offsets(), x[y == 1])


def test_an_estimator_without_probabilities_is_certain(three_classes):
    x, y, _ = three_classes
    model = RidgeClassifier().fit(x, y)
    display = draw(model, x, y, resolution=20)
    np.testing.assert_array_equal(display.response.values.argmax(axis=1), model.predict(display.grid.points))
    assert set(np.unique(display.response.values)) == {0.0, 1.0}


def test_two_classes_without_probabilities(moons):
    x, y = moons
    model = RidgeClassifier().fit(x, y)
    display = draw(model, x, y, resolution=20)
    np.testing.assert_array_equal(np.asarray(display.image_.get_array()).ravel(), model.predict(display.grid.points))
    assert display.response.kind == "binary"


def test_an_estimator_of_numbers(regression):
    x, y, _ = regression
    model = LinearRegression().fit(x, y)
    display = draw(model, x, y, resolution=20)
    np.testing.assert_array_equal(np.asarray(display.image_.get_array()).ravel(), model.predict(display.grid.points))


def test_one_hot_targets_are_taken_as_classes(three_classes):
    x, y, result = three_classes
    one_hot = draw(result, x, np.eye(3)[y])
    for drawn, k in zip(one_hot.points_, range(3), strict=True):
        np.testing.assert_array_equal(drawn.get_offsets(), x[y == k])


def test_a_sigmoid_trained_on_another_loss_is_a_classifier_only_of_zeros_and_ones(moons):
    x, y = moons
    network = cp.Network(2, [cp.Dense(1, "sigmoid")])
    result = cp.train(network, x, y, loss="squared", steps=5, rng=0)
    assert draw(result, x, y).response.kind == "binary"
    assert draw(result, x, 0.2 + 0.6 * y).response.kind == "regression"


def test_one_of_several_outputs(regression):
    x, y, _ = regression
    network = cp.Network(2, [cp.Dense(2)])
    both = np.column_stack([y, -y])
    result = cp.train(network, x, both, loss="squared", steps=5, rng=0)
    with pytest.raises(InputError, match="the model has 2 outputs; say which one to draw: output=0 … 1"):
        draw(result, x, both)
    with pytest.raises(InputError, match="output must be from 0 to 1; got 2"):
        draw(result, x, both, output=2)
    display = draw(result, x, both, output=1)
    np.testing.assert_array_equal(display.response.values, result.predict(display.grid.points)[:, 1])
    np.testing.assert_array_equal(display.points_[0].get_array(), -y)


def test_more_than_two_features_need_a_choice_and_hold_the_rest():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 4)).astype(np.float32)
    y = (x.sum(axis=1) > 0).astype(int)
    result = cp.train(cp.Network(4, [cp.Dense(1, "sigmoid")]), x, y, loss="binary_cross_entropy", steps=5, rng=0)
    with pytest.raises(InputError, match=r"x has 4; say which: features=\(0, 1\).*medians"):
        draw(result, x, y)
    names = ["a", "b", "c", "d"]
    display = draw(result, x, y, features=("d", 1), fixed={"a": 2.5}, feature_names=names, resolution=10)
    points = display.grid.points
    assert points.dtype == np.float32
    assert (points[:, 0] == 2.5).all()
    assert (points[:, 2] == np.median(x[:, 2])).all()
    np.testing.assert_array_equal(points[:10, 3], display.grid.first)
    np.testing.assert_array_equal(display.points_[0].get_offsets(), x[y == 0][:, [3, 1]])
    assert display.ax_.get_xlabel() == f"d\nat a = 2.5, c = {np.median(x[:, 2]):.3g}"
    assert display.ax_.get_ylabel() == "b"


def test_a_table_keeps_its_column_names(moons):
    class Frame(np.ndarray):
        """What this needs of a table: columns, and a constructor that takes them."""

        def __new__(cls, data, columns=None):
            frame = np.asarray(data).view(cls)
            frame.columns = columns
            return frame

        def __array_finalize__(self, source):
            self.columns = getattr(source, "columns", None)

    class Model:
        classes_ = np.array([0, 1])

        def predict_proba(self, x):
            assert x.columns == ["width", "height"]
            return np.full((len(x), 2), 0.5)

    x, y = moons
    display = draw(Model(), Frame(x, ["width", "height"]), y, features=("height", "width"), resolution=5)
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("height", "width")


@pytest.mark.parametrize(
    "name", ["$x_1$", "cost in $ and $US", "a_b<c>", r"\frac{", "_hidden", "x" * 200, "two\nlines"]
)
def test_names_from_data_are_shown_as_text(moons, name):
    x, y = moons
    model = LogisticRegression().fit(x, np.array(["other", name])[y])
    display = draw(model, x, np.array(["other", name])[y], feature_names=[name, name])
    display.figure_.canvas.draw()
    shown = " ".join(name.split()) if len(name) < 32 else "x" * 31 + "…"
    entries = [text for text in display.figure_.findobj(Text) if text in display.legend_.get_texts()]
    assert shown in [_seen(text) for text in entries]
    assert _seen(display.ax_.xaxis.label) == shown


def _seen(text: Text) -> str:
    """Return the text as Matplotlib renders it, and fail if it would be set as mathematics."""
    shown, is_math = text._preprocess_math(text.get_text())
    assert not is_math
    return shown


def test_a_constant_feature_has_a_plane_too(result, moons):
    x, y = moons
    flat = np.column_stack([x[:, 0], np.full(len(x), 3.0)])
    grid = draw(result, flat, y).grid
    assert grid.second[0] < 3.0 < grid.second[-1]


def test_the_grid_covers_the_test_points_as_well(result, moons):
    x, y = moons
    far = x[:2] + 50.0
    display = draw(result, x, y, x_test=far, y_test=y[:2])
    assert display.grid.first[-1] > far[:, 0].max()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"y": [0, 1]}, "y has 2 rows and x has 60"),
        ({"y": [7] * 60}, "y holds 7 at row 0, which the model doesn't know; its classes are 0, 1"),
        ({"resolution": 1}, "resolution must be at least 2"),
        ({"features": (0, 0)}, "two different columns"),
        ({"features": (0, 2)}, "there is no feature 2; x has 2 columns"),
        ({"features": (0, 1, 1)}, "features must be two columns"),
        ({"features": ("feature 0", "feature l")}, "did you mean 'feature"),
        ({"fixed": {0: 1.0}}, "'feature 0' is one of features"),
        ({"feature_names": ["a"]}, "a name for each of the 2 columns; got 1"),
        ({"class_names": ["a"]}, "a name for each of 2 classes; got 1"),
        ({"x_test": [[1.0, 2.0, 3.0]]}, "x_test must have 2 columns"),
    ],
)
def test_input_that_cannot_be_drawn(result, moons, options, message):
    with pytest.raises(InputError, match=message):
        draw(result, moons[0], **options)


def test_one_feature_is_too_few():
    result = cp.train(cp.Network(1, [cp.Dense(1)]), [[0.0], [1.0]], [0.0, 1.0], loss="squared", steps=1, rng=0)
    with pytest.raises(InputError, match="over two features, and x has 1"):
        draw(result, [[0.0], [1.0]])


def test_no_rows_is_a_clear_error():
    with pytest.raises(InputError, match="x has no rows"):
        make_grid(np.zeros((0, 2)))


def test_predictions_that_are_not_finite_are_a_clear_error(moons):
    class Broken:
        def predict(self, x):
            return np.where(x[:, 0] > 0, np.nan, 1.0)

    with pytest.raises(InputError, match=r"of the model's 40,000 predictions over the plane are not finite"):
        draw(Broken(), *moons)


def test_several_questions_at_once_are_a_clear_error(moons):
    x, y = moons
    model = MultiOutputClassifier(LogisticRegression()).fit(x, np.column_stack([y, 1 - y]))
    with pytest.raises(InputError, match="answers several questions at once"):
        draw(model, x)


def test_text_without_classes_is_a_clear_error(moons):
    class Speaker:
        def predict(self, x):
            return np.array(["yes"] * len(x))

    with pytest.raises(InputTypeError, match="Speaker predicts 'yes', which isn't a number"):
        draw(Speaker(), *moons)


def test_one_class_only_is_a_plain_map(moons):
    class Sure:
        classes_ = np.array(["only"])

        def predict_proba(self, x):
            return np.ones((len(x), 1))

    display = draw(Sure(), moons[0], ["only"] * 60)
    assert display.borders_ == []
    np.testing.assert_allclose(display.image_.get_array(), class_image(np.ones((200, 200, 1))))
