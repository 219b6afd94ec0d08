"""Where a canvas of vispy stands: made when it is first seen, and one sentence where that fails."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from widgets.panels.parts import column, label


class Canvas(Protocol):
    """`native` is its widget."""

    native: Any

    def release(self) -> None: ...


Made = TypeVar("Made", bound=Canvas)


class CanvasPlace(QStackedWidget):
    """Whoever made a canvas here releases it when `failed` says so, and at the end."""

    failed = Signal()

    def __init__(self, sorry: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place = QWidget()
        self.place.setLayout(column())
        self.sorry = label(sorry, "soft", wraps=True)
        self.sorry.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sorry.setMargin(20)
        self.addWidget(self.place)
        self.addWidget(self.sorry)

    def can_draw(self) -> bool:
        """Whether there is a canvas, as far as was tried."""
        return self.currentIndex() == 0

    def made(self, make: Callable[[QWidget, Callable[[], None]], Made]) -> Made | None:
        """The canvas of `make(parent, fail)`, shown; None where none can be had."""
        try:
            canvas = make(self.place, self._fail)
        except Exception:  # noqa: BLE001 - no driver, no library, no context: all the same here
            self._fail()
            return None
        layout = self.place.layout()
        assert layout is not None
        layout.addWidget(canvas.native)
        canvas.native.show()
        if not canvas.native.isValid():
            canvas.release()
            self._fail()
            return None
        return canvas

    def _fail(self) -> None:
        self.setCurrentIndex(1)
        # Not at once: the canvas may be in the middle of drawing.
        QTimer.singleShot(0, self, self.failed.emit)
