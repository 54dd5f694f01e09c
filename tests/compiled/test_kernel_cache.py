"""Where kernels are kept: one folder for each processor, versions and kernels' text; none where it can't be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from clearprop.engines.kernels import cache

SHORT_RUN = """
import clearprop as cp
import numpy as np
x = np.linspace(0, 1, 20)[:, None]
network = cp.Network(1, [cp.Dense(2, "tanh"), cp.Dense(1)])
run = cp.train(network, x, x, loss="squared", steps=5, rng=0, engine="compiled")
print(run.engine, run.parameters.vector.tobytes().hex())
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of one's own, and nothing remembered of another one, before and after."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "not" / "there"))
    forget()
    yield tmp_path / "not" / "there" / "clearprop"
    forget()


def forget() -> None:
    for function in (cache.folder, cache.is_ready, cache._key):
        function.cache_clear()


def test_a_missing_folder_is_made(place: Path) -> None:
    assert not cache.is_ready("float32")
    assert not place.exists()  # asking leaves nothing behind
    folder = cache.folder()
    assert folder is not None
    assert folder.parent == place
    assert folder.is_dir()
    assert list(folder.iterdir()) == []
    cache.mark_ready("float32")
    cache.is_ready.cache_clear()
    assert cache.is_ready("float32")
    assert not cache.is_ready("float64")


@pytest.mark.usefixtures("place")
def test_a_folder_that_can_not_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "read-only, as a permission bit or a whole file system may be")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    assert cache.folder() is None
    cache.mark_ready("float32")  # says nothing
    assert not cache.is_ready("float32")


def test_a_file_where_the_folder_should_be(place: Path) -> None:
    place.parent.mkdir(parents=True)
    place.write_text("mine")
    assert cache.folder() is None
    assert not cache.is_ready("float32")
    cache.mark_ready("float32")
    assert place.read_text() == "mine"


@pytest.fixture
def text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The kernels' text, copied to where it can be changed."""
    copied = Path(shutil.copytree(Path(cache.__file__).parent, tmp_path / "kernels"))
    monkeypatch.setattr(cache, "_KERNELS", copied)
    return copied


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("what", ["processor", "version", "text", "place", "steps.py", "passes.py", "interpreter"])
def test_what_the_code_depends_on_has_a_folder_of_its_own(
    what: str, text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numba's own index goes by a file's place and date; what lies there for another one would be compiled again."""
    first = cache.folder()
    cache.mark_ready("float64")
    if what == "processor":
        monkeypatch.setattr(cache, "_cpu", lambda: "flags : fpu avx2")
    elif what == "version":
        right = metadata.version
        monkeypatch.setattr(metadata, "version", lambda package: "99.0" if package == "llvmlite" else right(package))
    elif what == "interpreter":
        monkeypatch.setattr(cache.sys, "implementation", type("Other", (), {"cache_tag": "cpython-399"}))
    elif what == "text":
        (text / "random.py").write_text((text / "random.py").read_text() + "\n")
    elif what == "place":
        monkeypatch.setattr(cache, "_KERNELS", Path(shutil.copytree(text, text.with_name("elsewhere"))))
    else:
        os.utime(text / what, (1e9, 1e9))
    forget()
    assert not cache.is_ready("float64")
    assert cache.folder() != first


@pytest.mark.usefixtures("place")
def test_the_same_machine_has_the_same_folder() -> None:
    first = cache.folder()
    forget()
    assert cache.folder() == first


def test_the_processors_features_are_told() -> None:
    if Path("/proc/cpuinfo").exists():
        assert any(line.startswith(("flags", "Features", "model name")) for line in cache._cpu().splitlines())


@pytest.mark.parametrize(
    ("platform", "variable", "value", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "/x/cache", Path("/x/cache/clearprop")),
        ("linux", "HOME", "/home/me", Path("/home/me/.cache/clearprop")),
        ("darwin", "HOME", "/Users/me", Path("/Users/me/Library/Caches/clearprop")),
        ("win32", "LOCALAPPDATA", "/local", Path("/local/clearprop")),
    ],
)
def test_each_systems_own_place(
    platform: str, variable: str, value: str, expected: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr(cache.sys, "platform", platform)
    assert cache._base() == expected


def start(folder: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(folder)}
    return subprocess.Popen(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, "-c", SHORT_RUN], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment,
    )  # fmt: skip


@pytest.mark.long
def test_two_processes_compile_at_once(tmp_path: Path) -> None:
    """Both work and come to the same; the next one finds the kernels and says nothing."""
    both = [start(tmp_path) for _ in range(2)]
    said = [child.communicate(timeout=600) for child in both]
    assert [child.returncode for child in both] == [0, 0]
    assert said[0][0] == said[1][0]
    assert said[0][0].startswith("compiled ")
    for _, errors in said:
        assert errors == "clearprop: compiling the float64 kernels (once for this machine) ...\n"
    again = start(tmp_path)
    assert again.communicate(timeout=120) == (said[0][0], "")


@pytest.mark.long
def test_without_a_folder_it_works_too_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "clearprop").write_text("in the way")
    child = start(tmp_path)
    out, errors = child.communicate(timeout=600)
    assert child.returncode == 0
    assert out.startswith("compiled ")
    assert (
        errors
        == "clearprop: compiling the float64 kernels (for this process only: the cache folder can't be written) ...\n"
    )
