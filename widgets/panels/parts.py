"""Small parts that every panel is put together from."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOption,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets import icons, theme
from widgets.guard import guarded


def button(text: str, tip: str, *, icon: str = "", role: str = "") -> QPushButton:
    """A push button; `role` is "", "primary", "flat" or "fold"."""
    answer = QPushButton(beside_icon(text) if icon else text)
    answer.setProperty("role", role)
    if icon:
        icons.dress(answer, icon, "on_accent" if role == "primary" else "text")
    named(answer, text, tip)
    # Reached by Tab; a click leaves the keyboard where it was.
    answer.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return answer


def beside_icon(text: str) -> str:
    """`text` with more room to the icon before it than Qt leaves."""
    return f" {text}"


def icon_button(name: str, tip: str, *, icon: str, color: str = "text") -> QToolButton:
    """A button that is an icon alone; `name` is for those who hear the screen."""
    answer = QToolButton()
    icons.dress(answer, icon, color)
    answer.setIconSize(QSize(18, 18))
    named(answer, name, tip)
    answer.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return answer


def named(widget: QWidget, name: str, tip: str = "") -> None:
    """Give `widget` its name for screen readers, and its tooltip."""
    widget.setAccessibleName(name.replace("&", ""))
    if tip:
        widget.setToolTip(tip)
        widget.setAccessibleDescription(tip)


def label(text: str = "", role: str = "", *, wraps: bool = False) -> QLabel:
    """A label in the looks of `role`: soft, heading, display, section, strong, good ..."""
    answer = QLabel(text)
    answer.setTextFormat(Qt.TextFormat.PlainText)
    set_role(answer, role)
    answer.setWordWrap(wraps)
    return answer


def set_role(widget: QWidget, role: str, key: str = "role") -> None:
    """Change what the style sheet makes of `widget`."""
    if widget.property(key) != role:
        widget.setProperty(key, role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def rule() -> QFrame:
    """A thin line between parts."""
    answer = QFrame()
    answer.setProperty("role", "rule")
    answer.setFixedHeight(1)
    return answer


def column(*things: QWidget | QLayout | int, spacing: int | None = None) -> QVBoxLayout:
    """Things below one another; a number is a space, -1 one that stretches."""
    answer = QVBoxLayout()
    _fill(answer, things, spacing)
    return answer


def row(*things: QWidget | QLayout | int, spacing: int | None = None) -> QHBoxLayout:
    """Things beside one another; a number is a space, -1 one that stretches."""
    answer = QHBoxLayout()
    _fill(answer, things, spacing)
    return answer


def _fill(
    box: QVBoxLayout | QHBoxLayout, things: tuple[QWidget | QLayout | int, ...], spacing: int | None
) -> None:
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(theme.current().space if spacing is None else spacing)
    for thing in things:
        if isinstance(thing, int):
            box.addStretch(1) if thing < 0 else box.addSpacing(thing)
        elif isinstance(thing, QWidget):
            box.addWidget(thing)
        else:
            box.addLayout(thing)


def mark(name: str, role: str = "text", size: int = 18) -> "Mark":
    """An icon that is there to be seen alone."""
    return Mark(name, role, size)


class Mark(QLabel):
    """An icon in the colour of `role`, whatever the theme and the screen."""

    def __init__(self, name: str, role: str = "text", size: int = 18) -> None:
        super().__init__()
        self._name, self._role = name, role
        self.setFixedSize(size, size)

    def show_icon(self, name: str, role: str) -> None:
        self._name, self._role = name, role
        self.update()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        color = getattr(theme.current(), self._role)
        icons.paint(QPainter(self), self._name, color, QRectF(self.rect()))


class Panel(QWidget):
    """A widget whose ground the style sheet draws."""

    def __init__(self, name: str = "panel", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOption()
        option.initFrom(self)
        painter = QPainter(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)


class Eliding(QLabel):
    """A label that shortens its text with "…" where there is no room; the tooltip has it all."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str) -> None:
        if text != self.text():
            self.setText(text)

    def whole(self) -> str:
        """All that there is to say."""
        return self.text()

    @guarded
    def minimumSizeHint(self) -> QSize:
        hint = QLabel.minimumSizeHint(self)
        return QSize(min(hint.width(), self.fontMetrics().horizontalAdvance("mmm…")), hint.height())

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = self.contentsRect()
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, area.width()
        )
        self.setToolTip(self.whole() if shown != self.whole() else "")
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(area, int(self.alignment() | Qt.TextFlag.TextSingleLine), shown)
