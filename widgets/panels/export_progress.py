"""How far an export is, and how it ended."""

import time

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from widgets.panels.activity import time_left
from widgets.panels.parts import button, column, label, mark, named, row
from widgets.panels.remaining import Track, seconds_left

STEPS = 1000


class ExportProgress(QWidget):
    """Shown while a file is written; `cancel_wanted` where that should end."""

    cancel_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._track = Track()
        self.head = label("", "heading", wraps=True)
        self.stage = label("", "strong")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        named(self.bar, self.tr("Progress"))
        self.left = label("", "soft")
        tip = self.tr("End it; what the file held before stays")
        self.cancel = button(self.tr("Cancel"), tip)
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self.cancel_wanted)
        told = label(self.tr("The window may be used meanwhile."), "soft", wraps=True)
        parts = (self.head, 6, row(self.stage, -1, self.left), self.bar, told, -1)
        self.setLayout(column(*parts, row(-1, self.cancel)))

    def begin(self, name: str) -> None:
        """For the file `name`."""
        self._track = Track()
        self.cancel.setEnabled(True)
        self.head.setText(self.tr("Writing {name}").format(name=name))
        self.show_stage(self.tr("Preparing"), 0, 0)

    def show_stage(self, words: str, done: float, total: float) -> None:
        """`done` of `total` of what is being done; `total` 0 where that is not known."""
        self.stage.setText(words)
        part = min(1.0, done / total) if total > 0 else 0.0
        # A range of nothing moves to and fro: working, no end in sight.
        self.bar.setRange(0, STEPS if total > 0 else 0)
        self.bar.setValue(round(STEPS * part))
        self._track = self._track.after(words, time.monotonic(), part)
        left = seconds_left(self._track)
        self.left.setText("" if left is None else time_left(left))

    def stopping(self) -> None:
        """It was cancelled, and ends as soon as it can."""
        self.cancel.setEnabled(False)
        self.stage.setText(self.tr("Stopping"))
        self.left.setText("")


class ExportEnd(QWidget):
    """How it ended: checked, failed or cancelled."""

    folder_wanted = Signal()
    back_wanted = Signal()
    close_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.mark = mark("check", "good", 24)
        self.head = label("", "heading", wraps=True)
        self.words = label("", wraps=True)
        self.remarks = label("", "soft", wraps=True)
        self.folder = button(
            self.tr("Show the folder"), self.tr("Open the folder in which the file lies")
        )
        self.back = button(self.tr("Back"), self.tr("Choose again"))
        self.done = button(self.tr("Close"), self.tr("Done (Esc)"), role="primary")
        for each in (self.folder, self.back):
            each.setAutoDefault(False)
        self.folder.clicked.connect(self.folder_wanted)
        self.back.clicked.connect(self.back_wanted)
        self.done.clicked.connect(self.close_wanted)
        head = row(self.mark, 6, self.head)
        head.setStretch(2, 1)
        buttons = row(self.folder, -1, self.back, self.done)
        self.setLayout(column(head, 4, self.words, self.remarks, -1, buttons))

    def show_done(self, words: str, remarks: tuple[str, ...]) -> None:
        """The file is whole, and holds what it should."""
        self.mark.show_icon("check", "good")
        self._show(self.tr("Done and checked"), words, "\n".join(remarks), there=True)

    def show_failed(self, problem: str, hint: str) -> None:
        """It did not work; nothing was changed."""
        self.mark.show_icon("error", "error")
        self._show(self.tr("It was not exported"), problem, hint, there=False)

    def show_cancelled(self) -> None:
        """The user ended it."""
        self.mark.show_icon("info", "soft")
        words = self.tr("Nothing was written; a file of that name is as it was.")
        self._show(self.tr("Cancelled"), words, "", there=False)

    def _show(self, head: str, words: str, more: str, *, there: bool) -> None:
        self.head.setText(head)
        self.words.setText(words)
        self.remarks.setText(more)
        self.remarks.setVisible(bool(more))
        self.folder.setVisible(there)
