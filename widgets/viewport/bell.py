"""A worker whose news come into the window's thread, and which ends with a widget."""

import functools
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from widgets.viewport.worker import Worker


class Bell(QObject):
    """Rung in the worker's thread."""

    rang = Signal(object)  # an Exception, or None


def worker_of(widget: QWidget, hear: Callable[[Exception | None], None]) -> Worker:
    """A worker that ends with `widget`; `hear` is called in the widget's thread."""
    bell = Bell(widget)
    bell.rang.connect(hear, Qt.ConnectionType.QueuedConnection)
    worker = Worker(bell.rang.emit, early=True)
    widget.destroyed.connect(functools.partial(_close, worker))
    return worker


def _close(worker: Worker, _: object = None) -> None:
    worker.close()
