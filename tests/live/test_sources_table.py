"""People's own files, odd ones above all, from their bytes to a network's input."""

import numpy as np
import pytest

from clearprop.errors import ClearpropError, ClearpropWarning
from clearprop.live.sources import make, suggest
from clearprop.live.sources.tables import LEVELS
from clearprop.live.sources.uploads import Uploads


@pytest.fixture
def load():
    def load(text, target, name="file.csv", **more):
        uploads = Uploads()
        upload = uploads.add(name, text if isinstance(text, bytes) else text.encode())["upload"]
        return make({"kind": "table", "upload": upload, "target": target, **more}, uploads)

    return load


def rows(n, line):
    return "\n".join(line(i) for i in range(n)) + "\n"


def test_numbers_holes_dates_words_and_truths(load):
    def line(i):
        age, sick = "" if i % 5 == 0 else i, "yes" if i % 4 == 0 else "no"
        return f"{age},2024-0{i % 9 + 1}-1{i % 7},{'ABC'[i % 3]},{'true' if i % 2 else 'false'},{sick}"

    text = "age,since,city,member,sick\n" + rows(40, line)
    data = load(text, "sick")
    assert data.features[:2] == ["age", "age is missing"]
    assert {"since month", "city=A", "city=B", "city=C", "member"} <= set(data.features)
    assert data.classes == ["no", "yes"]
    assert (len(data.x), len(data.validation[0])) == (30, 10)
    assert np.isfinite(data.x).all()
    assert np.abs(data.x).max() <= 3
    by_name = {each["name"]: each for each in data.about}
    assert by_name["age"] == {"name": "age", "kind": "number", "missing": 8, "levels": 32, "role": "feature"}
    assert by_name["sick"]["balance"] == [["no", 30], ["yes", 10]]
    assert data.source["file"] == "file.csv"


def test_the_encoding_knows_nothing_of_the_rows_held_out(load):
    data = load("a,y\n" + rows(40, lambda i: f"{i},{i % 2}"), "y")
    learnt = np.sort(data.x.ravel())
    assert learnt[len(learnt) // 2 - 1] == pytest.approx(0, abs=0.1)  # the median of the learnt rows is the middle
    whole = load("a,y\n" + rows(40, lambda i: f"{i},{i % 2}"), "y", validation=0)
    assert whole.validation is None
    assert len(whole.x) == 40


def test_a_number_is_standardised_and_says_how(load):
    data = load("a,price\n" + rows(40, lambda i: f"{i % 7},{1000 + 3.5 * i}"), "price")
    mean, deviation = data.scale
    assert (data.task, data.classes) == ("regression", [])
    assert data.y.mean() == pytest.approx(0, abs=1e-12)
    assert data.y.std() == pytest.approx(1)
    back = np.sort(np.concatenate([data.y, data.validation[1]]).ravel() * deviation + mean)
    np.testing.assert_allclose(back, 1000 + 3.5 * np.arange(40))


def test_names_that_are_html_or_euros_stay_text(load):
    text = "<img src=x onerror=alert(1)>,größe in €,[red]x,y\n" + rows(
        30, lambda i: f"{i},{i % 3},{i % 4},<b>{i % 2}</b>"
    )
    data = load(text, "y")
    assert data.features == ["<img src=x onerror=alert(1)>", "größe in €", "[red]x"]
    assert data.classes == ["<b>0</b>", "<b>1</b>"]


def test_constant_columns_and_names_are_left_out_and_said(load):
    text = "same,id,a,y\n" + rows(60, lambda i: f"7,person {i},{i % 9},{i % 2}")
    with pytest.warns(ClearpropWarning, match="left out"):
        data = load(text, "y")
    assert data.features == ["a"]
    assert [each["role"] for each in data.about] == ["left out", "left out", "feature", "target"]


def test_text_of_very_many_levels_has_columns_for_the_most_frequent(load):
    text = "town,y\n" + rows(600, lambda i: f"town {min(i % 97, i % 60)},{i % 2}")
    data = load(text, "y")
    assert len(data.features) == LEVELS
    assert data.features[0] == "town=town 0"
    assert set(np.unique(data.x)) == {0.0, 1.0}


def test_columns_of_brightness_are_pictures(load):
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 17, (30, 64))
    pixels[:, 0] = 0
    pixels[0, :2] = 0, 16
    head = ",".join(f"pixel{j}" for j in range(64))
    text = f"{head},digit\n" + rows(30, lambda i: ",".join(map(str, pixels[i])) + f",{i % 10}")
    data = load(text, "digit")
    assert (data.image, data.x.shape[1], data.x.max(), len(data.classes)) == ((8, 8), 64, 1.0, 10)


def test_chosen_features_and_task(load):
    text = "a,b,c,y\n" + rows(40, lambda i: f"{i},{i % 3},{i % 5},{i % 4}")
    data = load(text, "y", features=["c", "a"], task="regression")
    assert (data.features, data.task) == (["c", "a"], "regression")
    assert [each["role"] for each in data.about] == ["feature", "not chosen", "feature", "target"]


def test_what_was_made_can_be_made_again():
    uploads = Uploads()
    upload = uploads.add("f.csv", b"a,y\n" + rows(40, lambda i: f"{i * i},{i % 2}").encode())["upload"]
    data = make({"kind": "table", "upload": upload, "target": "y", "seed": 5, "validation": 0.5}, uploads)
    again = make(data.source, uploads)
    np.testing.assert_array_equal(again.x, data.x)
    assert again.source == data.source
    assert suggest(data).optimizer.name == "adam"


@pytest.mark.parametrize(
    ("text", "target", "more", "said"),
    [
        ("a,y\n1,\n2,0\n3,1\n", "y", {}, "the target 'y' has no value in 1 of 3 rows: file.csv:2"),
        ("a,y\n1,0\n2,0\n", "y", {}, "the target 'y' is '0' in every row"),
        ("a,y\n1,5.5\n2,5.5\n3,5.5\n", "y", {}, "the target 'y' is '5.5' in every row"),
        ("a,y\n1,0\n", "y", {}, "in every row"),
        ("a,y\n1,0\n2,1\n", "z", {}, "file.csv: unknown column 'z'. Known: a, y"),
        ("a,y\n1,0\n2,1\n", "y", {"features": ["b"]}, "unknown column 'b'"),
        ("a,y\n1,0\n2,1\n", "y", {"features": ["y"]}, "'y' is the target, so it can't be a feature too"),
        ("a,y\n1,0\n2,1\n", "y", {"features": []}, "there is no column to predict 'y' from"),
        ("a,y\n1,0\n2,1\n", "y", {"features": "a"}, "features are a list of names"),
        ("a,y\n1,0\n2,1\n", "y", {"task": "guess"}, "unknown task 'guess'"),
        ("a,y\n1,0\n2,1\n", 3, {}, "a table needs a target"),
        ("y\n1\n2\n", "y", {}, "there is no column to predict 'y' from"),
        ("a,y\n1,2024-01-01\n2,2024-01-02\n", "y", {}, "the target 'y' is a date"),
        ("a,y\n" + rows(300, lambda i: f"{i},class {i % 120}"), "y", {}, "has 120 classes; the page can show 100"),
        ("a,y\n" + rows(60, lambda i: f"{i},name {i}"), "y", {}, "too many for classes"),
    ],
)  # fmt: skip
def test_tables_that_cannot_be_learnt_from(load, text, target, more, said):
    with pytest.raises(ClearpropError) as caught:
        load(text, target, **more)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
