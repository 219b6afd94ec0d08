"""Words over the viewport's picture: the photo's name, what the colours mean, a hint, a problem."""

from PySide6.QtCore import QCoreApplication, QPoint, QRect, Qt
from PySide6.QtWidgets import QLabel, QWidget

from core.errors import UserError
from widgets.viewport.legend import Entry, LegendPlate
from widgets.viewport.options import Shading

MARGIN = 12  # logical pixels
WIDEST = 460

PLATE = "color: #f2f3f5; background: rgba(20, 22, 26, 165); border-radius: 6px; padding: 4px 9px;"
SOFT = "color: #aeb4bd; background: transparent; padding: 4px 9px;"

translate = QCoreApplication.translate


class Captions:
    """Labels that let the mouse through; an empty one is hidden."""

    def __init__(self, parent: QWidget) -> None:
        self.photo = _label(parent, PLATE)  # top left
        self.shading = _label(parent, PLATE)  # bottom left
        self.hint = _label(parent, SOFT)  # below the middle, where the axes are
        self.trouble = _label(parent, PLATE)  # in the middle
        self.legend = LegendPlate(parent)  # bottom left as well: never both
        for label in (self.hint, self.trouble):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
        self._area = QRect()

    def place(self, area: QRect) -> None:
        """Put each where it belongs in `area`."""
        self._area = area
        self.photo.adjustSize()
        self.photo.move(area.left() + MARGIN, area.top() + MARGIN)
        self.shading.adjustSize()
        self.shading.move(area.left() + MARGIN, area.bottom() - self.shading.height() - MARGIN)
        self.legend.move(area.left() + MARGIN, area.bottom() - self.legend.height() - MARGIN)
        for label, part in ((self.hint, 0.7), (self.trouble, 0.5)):
            width = max(1, min(WIDEST, area.width() - 2 * MARGIN))
            label.resize(width, max(1, label.heightForWidth(width)))
            middle = QPoint(area.center().x(), area.top() + round(part * area.height()))
            label.move(middle - label.rect().center())

    def tell(
        self,
        photo: str | None,
        shading: Shading,
        legend: tuple[Entry, ...],
        empty: bool,
        trouble: UserError | None,
    ) -> None:
        """Say which photo's camera is looked through, what the colours mean, and what is amiss."""
        if legend != self.legend.entries:
            self.legend.show_entries(legend)
            self.place(self._area)
        self._show(self.photo, photo or "")
        self._show(self.shading, shading_words(shading))
        hint = translate("Viewport", "The scene will stand here") if empty else ""
        self._show(self.hint, "" if trouble else hint)
        self._show(self.trouble, f"{trouble.problem}\n\n{trouble.hint}" if trouble else "")

    def _show(self, label: QLabel, words: str) -> None:
        if words != label.text():
            label.setText(words)
            label.setVisible(bool(words))
            self.place(self._area)


def shading_words(shading: Shading) -> str:
    """What the colours mean, where they are not those of the photos."""
    match shading:
        case Shading.DEPTH:
            return translate("Viewport", "Depth: near is light")
        case Shading.ALPHA:
            return translate("Viewport", "Opacity: white hides all behind it")
        case Shading.NORMAL:
            return translate("Viewport", "Normals: which way surfaces face")
    return ""


def _label(parent: QWidget, style: str) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setStyleSheet(style)
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    label.hide()
    return label
