"""The command line's frame: help, version, and one line for whatever can't be used."""

import signal
import subprocess
import sys
import warnings

import pytest

import clearprop
import clearprop_command
from clearprop.cli import main
from clearprop.errors import ClearpropWarning, FileError, InputError


def call(*arguments):
    with pytest.raises(SystemExit) as end:
        main.run(arguments)
    return end.value.code


def failing(error):
    def app(*_, **__):
        raise error

    return app


def test_version(capsys):
    assert call("--version") == 0
    assert capsys.readouterr().out == f"clearprop {clearprop.__version__}\n"


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_names_the_commands(capsys, monkeypatch, arguments):
    monkeypatch.setenv("COLUMNS", "80")
    assert call(*arguments) == 0
    text = capsys.readouterr().out
    for command in ("bench", "moons", "train", "predict"):
        assert command in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("moon",), "error: No such command 'moon'. Did you mean 'moons'?; see clearprop --help"),
        (("moons", "--step", "x"), "error: No such option: --step"),
        (("moons", "--steps", "x"), "error: Invalid value for '--steps': "),
    ],
)
def test_wrong_usage_is_one_line(capsys, arguments, line):
    assert call(*arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(line)
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (InputError("too\nmany  lines"), "error: too many lines\n"),
        (FileError("a.csv:3:1: no number"), "error: a.csv:3:1: no number\n"),
        (FileNotFoundError("m.safetensors: there is no such file"), "error: m.safetensors: there is no such file\n"),
        (PermissionError(13, "Permission denied", "there.png"), "error: there.png: Permission denied\n"),
        (OSError(28, "No space left on device"), "error: a file: No space left on device\n"),
    ],
)
def test_what_a_person_can_mend_is_one_line_and_exit_code_2(capsys, monkeypatch, error, line):
    monkeypatch.setattr(main, "app", failing(error))
    assert call() == 2
    assert capsys.readouterr().err == line


def test_a_bug_keeps_its_traceback(monkeypatch):
    monkeypatch.setattr(main, "app", failing(ZeroDivisionError("ours")))
    with pytest.raises(ZeroDivisionError, match="ours"):
        main.run([])


def test_ctrl_c_outside_of_the_training_ends_with_130(monkeypatch):
    monkeypatch.setattr(main, "app", failing(KeyboardInterrupt()))
    assert call() == 130


def test_ctrl_c_while_the_command_line_is_imported_ends_with_130():
    code = """if True:
        import signal, sys

        class Interrupting:
            def find_spec(name, *_):
                if name == "numpy":
                    signal.raise_signal(signal.SIGINT)

        sys.meta_path.insert(0, Interrupting)
        from clearprop_command import run
        run()"""
    found = subprocess.run([sys.executable, "-c", code, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert (found.returncode, found.stdout, found.stderr) == (130, "", "")


@pytest.mark.parametrize("interrupt", [signal.default_int_handler, signal.SIG_IGN])
def test_once_imported_the_command_line_has_ctrl_c_as_it_was(monkeypatch, interrupt):
    usual = signal.signal(signal.SIGINT, interrupt)
    try:
        monkeypatch.setattr(main, "run", lambda: found.append(signal.getsignal(signal.SIGINT)))
        found = []
        clearprop_command.run()
        assert found == [interrupt]
    finally:
        signal.signal(signal.SIGINT, usual)


def test_our_warnings_are_lines_each_time(capsys, monkeypatch):
    def app(*_, **__):
        for _ in range(2):
            warnings.warn("half of\nthe units", ClearpropWarning, stacklevel=1)

    monkeypatch.setattr(main, "app", app)
    assert call() == 0
    assert capsys.readouterr().err == 2 * "warning: half of the units\n"


def test_other_warnings_stay_as_they_are(monkeypatch):
    def app(*_, **__):
        warnings.warn("not ours", RuntimeWarning, stacklevel=1)

    monkeypatch.setattr(main, "app", app)
    with pytest.warns(RuntimeWarning, match="not ours"):
        call()


def test_a_reader_that_has_had_enough_is_no_error():
    code = "from clearprop.cli.main import run; run(['--help'])"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        process.stdout.close()
        assert process.stderr.read() == ""


def test_starting_loads_nothing_heavy():
    code = (
        "import sys, clearprop.cli.main; print(sorted({'matplotlib', 'sklearn', 'scipy', 'rich'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert found.stdout == "[]\n"
