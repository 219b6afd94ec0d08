"""What is known of the floor and of lengths, and how to set them right."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.scene.layout import Ground
from widgets.panels.editors import NumberEditor
from widgets.panels.fields import FieldText
from widgets.panels.parts import button, column, label, row


class FloorBox(QWidget):
    """Shows a `Ground`; says what is wanted: "find", "confirm", "floor", "over" or "length"."""

    wanted = Signal(str)
    measured = Signal(float)  # metres between two points

    def __init__(self) -> None:
        super().__init__()
        self.words = label("", "soft", wraps=True)
        self.confirm = button(
            self.tr("Right"), self.tr("Yes, the grid lies on the floor"), icon="check"
        )
        self.search = button(self.tr("Find"), self.tr("Look for the floor in the scene"))
        self.clicks = button(self.tr("Three clicks"), self.tr("Show the floor by three points"))
        self.length = button(
            self.tr("Set a length"), self.tr("Two clicks on ends that you know the distance of")
        )
        self.over = button(
            self.tr("Turn over"), self.tr("The scene stands on its head: turn it by half")
        )
        for each, name in (
            (self.confirm, "confirm"), (self.search, "find"),
            (self.clicks, "floor"), (self.length, "length"), (self.over, "over"),
        ):  # fmt: skip
            each.clicked.connect(lambda _=False, name=name: self.wanted.emit(name))
        text = FieldText(
            self.tr("Length"), self.tr("Between both points, in metres"), 0.001, 1e4, 0.1, "m"
        )
        self.metres = NumberEditor(text, decimals=3)
        self.metres.show_value(1.0)
        self.set = button(self.tr("Set"), self.tr("Measure the scene by it"), role="primary")
        self.set.clicked.connect(lambda: self._tell())
        self._number = QWidget()
        self._number.setLayout(row(self.metres, self.set))
        self._number.hide()
        self.setLayout(
            column(
                label(self.tr("Floor and unit"), "section"),
                self.words,
                row(self.confirm, self.search, self.clicks, -1),
                row(self.length, self.over, -1),
                self._number,
                spacing=6,
            )
        )

    def show_ground(self, ground: Ground) -> None:
        """Say what is known."""
        said = self.tr("The grid lies where the floor seems to be.")
        if ground.confirmed:
            said = self.tr("The grid lies on the floor.")
        unit = self.tr("Lengths are in the photos' own unit.")
        if ground.metric:
            unit = self.tr("Lengths are in metres.")
        self.words.setText(f"{said} {unit}")
        self.confirm.setEnabled(not ground.confirmed)

    def show_asked(self, purpose: str, done: int, count: int) -> None:
        """Say which clicks are waited for; none when `count` is 0."""
        if purpose == "floor" and count:
            said = self.tr("Click on the floor: point {number} of 3. Esc gives up.")
            self.words.setText(said.format(number=done + 1))
        elif purpose == "length" and count:
            said = self.tr("Click on an end of a length you know: point {number} of 2.")
            self.words.setText(said.format(number=done + 1))

    def ask_length(self) -> None:
        """Both ends are known: how far apart are they?"""
        self._number.show()
        self.words.setText(self.tr("How far apart are both points?"))
        self.metres.target.setFocus()

    def _tell(self) -> None:
        self._number.hide()
        self.measured.emit(self.metres.box.value())
