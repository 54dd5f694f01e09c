"""The command ``clearprop``: its commands, and what a person sees when something is wrong."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from clearprop.cli.bench import bench
from clearprop.cli.moons import moons
from clearprop.cli.play import play
from clearprop.cli.predict import predict
from clearprop.cli.report import report
from clearprop.cli.train import train
from clearprop.errors import ClearpropError, ClearpropWarning

WRONG_INPUT, INTERRUPTED = 2, 130
_UsageError: Any = typer.BadParameter.__base__  # Typer has no name for it that all its versions share

app = typer.Typer(
    name="clearprop",
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    pretty_exceptions_enable=False,  # other exceptions are bugs: their traceback is shown as Python shows it
    rich_markup_mode="rich",
)
app.command("moons")(moons)
app.command("play")(play)
app.command("train")(train)
app.command("predict")(predict)
app.command("report")(report)
app.command("bench")(bench)


def _show_version(wanted: bool) -> None:
    if wanted:
        from clearprop import __version__

        typer.echo(f"clearprop {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def clearprop(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback has done it
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Neural networks that you can see through: written from scratch, watched while they learn."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: with 2 and one line, ``error: …``, for input that can't be used.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("always", ClearpropWarning)
        warnings.showwarning = _show_warning(warnings.showwarning)
        sys.exit(_exit_code(arguments))


def _exit_code(arguments: Sequence[str] | None) -> int:
    try:
        code: Any = app(None if arguments is None else list(arguments), prog_name="clearprop", standalone_mode=False)
        _wait_for_windows()
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has had enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ClearpropError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(str(error) if error.strerror is None else f"{error.filename or 'a file'}: {error.strerror}")
    except _UsageError as error:
        wrong: Any = error
        return _refuse(f"{wrong.format_message().rstrip('.')}; see clearprop --help")
    return code if isinstance(code, int) else 0


def _refuse(message: str) -> int:
    sys.stderr.write(f"error: {' '.join(message.split())}\n")
    return WRONG_INPUT


def _show_warning(usual: Any) -> Any:
    """Return a ``warnings.showwarning`` that writes ours in a line and leaves all others to the usual one."""

    def show(message: Warning | str, category: type[Warning], *more: Any, **named: Any) -> None:
        if issubclass(category, ClearpropWarning):
            sys.stderr.write(f"warning: {' '.join(str(message).split())}\n")
        else:
            usual(message, category, *more, **named)

    return show


def _wait_for_windows() -> None:
    """Keep the windows that a command has opened until they are closed."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and pyplot.get_fignums():
        from clearprop.plots.window import wait_until_closed

        typer.echo("close the window to end")
        wait_until_closed()
