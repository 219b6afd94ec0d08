"""Keeps Python errors from leaving the methods that Qt calls.

On CPython 3.11 an exception that leaves a PySide6 override can end the process, so every override
is `guarded`: the error goes to whoever `set_report` named, and Qt gets an answer it can live with.
"""

import functools
import sys
import traceback
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

Report = Callable[[Exception], None]
P = ParamSpec("P")
R = TypeVar("R")


def guarded(override: Callable[P, R]) -> Callable[P, R]:
    """Decorates a Qt override: errors are reported, and None (where bool is due False) returned."""
    boolean = override.__annotations__.get("return") in (bool, "bool")
    return guarded_with(lambda: False if boolean else None)(override)


def guarded_with(otherwise: Callable[[], Any]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """As `guarded`, for overrides that owe Qt a value: after an error it gets `otherwise()`."""

    def decorate(override: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(override)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return override(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - nothing may pass into Qt
                report(error)
                # A painter that the traceback kept alive would outlive its paint event.
                traceback.clear_frames(error.__traceback__)
                return cast(R, otherwise())

        return call

    return decorate


def report(error: Exception) -> None:
    """Tells the person or the test about `error`; never raises."""
    try:
        _report(error)
    except Exception as second:  # noqa: BLE001 - the hook itself must not leave the guard
        _to_excepthook(second)


def set_report(hook: Report | None) -> Report:
    """Makes `hook` hear of errors (None: the default again); returns the hook before."""
    global _report
    before = _report
    _report = hook or _to_excepthook
    return before


def _to_excepthook(error: Exception) -> None:
    # Prints the traceback; pytest-qt puts its own hook there and fails the test.
    sys.excepthook(type(error), error, error.__traceback__)


_report: Report = _to_excepthook
