"""Windows that show themselves without taking the keyboard from whoever is typing elsewhere."""

from __future__ import annotations

import importlib
import signal
from typing import Any


def has_screen() -> bool:
    """Tell whether a window can be opened: there is a screen, and a toolkit that Matplotlib can use on it."""
    figure = _unshown((1.0, 1.0))
    if figure is not None:
        _pyplot().close(figure)
    return figure is not None


def new_window(title: str, figsize: tuple[float, float]) -> Any:
    """Open a window with an empty figure; return the figure, or None where no window can be opened.

    Parameters
    ----------
    title : str
    figsize : (float, float)
        Width and height in inches.
    """
    figure = _unshown(figsize)
    if figure is not None:
        figure.canvas.manager.set_window_title(title)
        _show_without_focus(figure, getattr(figure.canvas.manager, "window", None))
    return figure


def wait_until_closed() -> None:
    """Return when the last window has been closed, which Ctrl-C does too; at once where none is open."""
    pyplot = _pyplot()
    timers = [pyplot.figure(number).canvas.new_timer(interval=200) for number in pyplot.get_fignums()]
    for timer in timers:  # Python sees a signal only when it has something to do
        timer.add_callback(_nothing)
        timer.start()

    def close(*_: object) -> None:
        pyplot.close("all")

    before = signal.signal(signal.SIGINT, close)
    try:
        with _not_raising():
            pyplot.show(block=True)
    finally:
        signal.signal(signal.SIGINT, before)
        for timer in timers:
            timer.stop()


def _nothing() -> None:
    """Do nothing."""


def _unshown(figsize: tuple[float, float]) -> Any:
    """Return a figure whose window isn't on the screen yet, or None."""
    try:
        figure = _pyplot().figure(figsize=figsize)
    except ImportError:  # MPLBACKEND asks for a toolkit that isn't installed, or for a screen that isn't there
        return None
    if figure.canvas.required_interactive_framework is None or figure.canvas.manager is None:
        _pyplot().close(figure)
        return None
    return figure


def _show_without_focus(figure: Any, window: Any) -> None:
    """Show a window, asking each toolkit in its own words not to take the focus.

    ``figure.raise_window`` alone leaves that to the window manager, and most give a new window the focus.
    """
    if hasattr(window, "wm_focusmodel"):  # Tk: a window that says it takes the focus by itself isn't given it
        window.wm_focusmodel("active")
        later = window.after(1000, window.wm_focusmodel, "passive")  # from then on a click gives it, as usual

        def forget(_: object) -> None:
            window.after_cancel(later)

        figure.canvas.mpl_connect("close_event", forget)
    elif hasattr(window, "setAttribute"):  # Qt
        qt: Any = importlib.import_module("matplotlib.backends.qt_compat").QtCore.Qt
        window.setAttribute(qt.WidgetAttribute.WA_ShowWithoutActivating)
    elif hasattr(window, "set_focus_on_map"):  # GTK 3
        window.set_focus_on_map(False)
    with _not_raising():
        figure.show()
        figure.canvas.flush_events()


def _not_raising() -> Any:
    import matplotlib

    library: Any = matplotlib
    return library.rc_context({"figure.raise_window": False})


def _pyplot() -> Any:
    """Return pyplot, imported only where a window is wanted: it looks for a screen, and is slow to load."""
    return importlib.import_module("matplotlib.pyplot")
