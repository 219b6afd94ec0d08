"""What is being made for the layout, how far it is, and a button that gives it up."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from widgets.panels.parts import Eliding, button, column, named, row

STEPS = 1000


class MakingLine(QWidget):
    """Hidden at rest."""

    stop_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = Eliding(role="soft")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        named(self.bar, self.tr("Progress"))
        self.stop = button(self.tr("Stop"), self.tr("Leave the scene as it is"), icon="stop")
        self.stop.clicked.connect(self.stop_wanted)
        self.setLayout(column(self.words, row(self.bar, self.stop), spacing=4))
        self.hide()

    def show_work(self, words: str, part: float) -> None:
        """`part` of it is done, below 0 where that is not known; no `words`: it is over."""
        self.setVisible(bool(words))
        self.words.show_text(words)
        # A range of nothing moves to and fro, which says "working, no end in sight".
        self.bar.setRange(0, STEPS if part >= 0 else 0)
        if part >= 0:
            self.bar.setValue(round(STEPS * min(part, 1.0)))
