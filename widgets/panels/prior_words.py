"""The question what an object is to be, in words."""

from dataclasses import dataclass

from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QLineEdit, QWidget

from core.pipeline.settings import AUTO, NONE
from widgets.panels.editors import NumberEditor
from widgets.panels.fields import FieldText
from widgets.panels.parts import button, column, label, named, row
from widgets.panels.prior_choice import PriorEditor

MOST_STEPS = 100_000


@dataclass(frozen=True)
class Words:
    """The answer: see `app.jobs.values.WordsWish`."""

    words: str
    place: str
    keep_shape: bool
    iterations: int


class WordsDialog(QDialog):
    """Asks for words, the network, and how much work it may be; `answer` once it is accepted."""

    def __init__(
        self, name: str, place: str, iterations: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Change {name} by words").format(name=name))
        self.setMinimumWidth(460)
        self.words = QLineEdit()
        self.words.setPlaceholderText(self.tr("a red armchair"))
        named(self.words, self.tr("Words"), self.tr("What it is to look like"))
        self.keep = QCheckBox(self.tr("Keep its shape, change its look alone"))
        text = FieldText(self.tr("Network"), self.tr("Stable Diffusion 1 or 2, in a folder"))
        self.network = PriorEditor(text, only_folder=True)
        self.network.show_value(place)
        self.place = place
        self.network.edited.connect(self._placed)
        much = FieldText(
            self.tr("Steps"), self.tr("More of them change it further"), 10, MOST_STEPS, 100
        )
        self.steps = NumberEditor(much)
        self.steps.show_value(iterations)
        rows = QFormLayout()
        rows.setHorizontalSpacing(12)
        rows.setVerticalSpacing(8)
        rows.addRow(label(self.tr("It is to be")), self.words)
        rows.addRow(label(""), self.keep)
        rows.addRow(label(self.tr("Network")), self.network)
        rows.addRow(label(self.tr("Steps")), self.steps)
        told = self.tr(
            "Only this object changes, and what is new is marked as not seen by any photo. "
            "It can be undone. Without a graphics card a step takes many seconds."
        )
        self.begin = button(self.tr("Change"), self.tr("Begin"), role="primary")
        cancel = button(self.tr("Cancel"), self.tr("Leave it as it is (Esc)"))
        self.begin.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        self.begin.setDefault(True)
        self.words.textChanged.connect(self._judge)
        whole = column(
            rows, label(told, "soft", wraps=True), row(-1, cancel, self.begin), spacing=14
        )
        whole.setContentsMargins(16, 16, 16, 12)
        self.setLayout(whole)
        self._judge()

    def answer(self) -> Words:
        """What was said."""
        return Words(
            self.words.text().strip(),
            self.place,
            self.keep.isChecked(),
            int(self.steps.box.value()),
        )

    def _placed(self, place: str) -> None:
        self.place = place
        self._judge()

    def _judge(self) -> None:
        there = self.place not in ("", AUTO, NONE)
        self.begin.setEnabled(bool(self.words.text().strip()) and there)
