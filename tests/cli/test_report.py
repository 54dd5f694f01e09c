"""clearprop report RUN: a file, or a sentence."""

import pytest

from clearprop.cli.main import run
from clearprop.live.saved import report as module


@pytest.fixture
def report(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*flags):
        with pytest.raises(SystemExit) as end:
            run(["report", *flags])
        said = capsys.readouterr()
        return end.value.code, said.out, said.err

    return call


@pytest.mark.parametrize(("flags", "name"), [((), "run.html"), (("-o", "there.html"), "there.html")])
def test_it_writes_the_page_beside_or_where_wanted(report, monkeypatch, flags, name):
    asked = []
    monkeypatch.setattr(module, "write", lambda *paths: asked.append(tuple(map(str, paths))))
    assert report("run.rec", *flags)[:2] == (0, f"wrote {name}\n")
    assert asked == [("run.rec", name)]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("none.rec",), "error: none.rec: there is no such file"),
        (("text.rec",), "error: text.rec: not a recording, or a damaged one"),
        (("text.rec", "-o", "text.rec"), "that is the recording itself"),
        (("page.html",), "that is the recording itself"),
        (("text.rec", "-o", "folder"), "that is a folder; give a file's name"),
    ],
)
def test_what_is_no_recording_is_one_line(report, tmp_path, flags, said):
    (tmp_path / "text.rec").write_text("not a run")
    (tmp_path / "page.html").write_text("old")
    (tmp_path / "folder").mkdir()
    code, out, err = report(*flags)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert (tmp_path / "page.html").read_text() == "old"
    assert (tmp_path / "text.rec").read_text() == "not a run"
