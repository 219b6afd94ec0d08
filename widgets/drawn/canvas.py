"""A canvas of vispy that never lets an error out: whoever asked for it hears of one, once."""

import sys
from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget
from vispy import app as vispy_app  # type: ignore[import-untyped]


class GuardedCanvas(vispy_app.Canvas):  # type: ignore[misc]
    """Draws by `paint`. vispy asks for its kind of context by itself."""

    complaint = "It cannot be drawn"

    def __init__(self, parent: QWidget, failed: Callable[[], None], **settings: Any) -> None:
        # Its own application object, so that nobody else's choice of toolkit matters.
        application = vispy_app.Application("pyside6")
        super().__init__(app=application, parent=parent, keys=None, show=False, **settings)
        self._failed: Callable[[], None] | None = failed
        # vispy would print the errors of its callbacks and go on drawing nothing.
        self.events.ignore_callback_errors = True

    def paint(self) -> None:
        """Draw all that there is; whatever is raised ends the drawing."""
        raise NotImplementedError

    def on_draw(self, _event: object) -> None:
        try:
            self.paint()
        except Exception as error:  # noqa: BLE001 - drivers fail in many ways; one sentence will do
            failed, self._failed = self._failed, None
            if failed is not None:
                sys.stderr.write(f"{self.complaint}: {error}\n")
                failed()

    def release(self) -> None:
        """Give the context and all in it back."""
        self._failed = None
        native = self.native
        self.close()
        native.setParent(None)
        native.deleteLater()
