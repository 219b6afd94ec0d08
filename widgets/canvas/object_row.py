"""One object in the list: its colour, its name, whether it is locked, whether it is seen."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from core.segment.labels import Role, SceneObject
from widgets import theme
from widgets.canvas.words import object_name
from widgets.guard import guarded
from widgets.panels.parts import Eliding, icon_button, named, row


class ObjectRow(QWidget):
    """Says what it is; its buttons are for whoever put it there."""

    def __init__(self, thing: SceneObject) -> None:
        super().__init__()
        name = object_name(thing)
        self.swatch = Swatch(thing.color)
        named(self.swatch, self.tr("Colour of {name}").format(name=name), self.tr("Colour"))
        self.name = Eliding(name, "" if thing.visible else "soft")
        self.name.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        lock = self.tr("Free {name}") if thing.locked else self.tr("Lock {name}")
        self.lock = icon_button(
            lock.format(name=name),
            self.tr("A locked object's pixels stay as they are"),
            icon="lock" if thing.locked else "unlock",
            color="text" if thing.locked else "faint",
        )
        eye = self.tr("Hide {name}") if thing.visible else self.tr("Show {name}")
        self.eye = icon_button(
            eye.format(name=name),
            self.tr("Whether its pixels are coloured"),
            icon="eye" if thing.visible else "eye-off",
            color="soft" if thing.visible else "faint",
        )
        for each in (self.lock, self.eye):
            each.setIconSize(QSize(16, 16))
        signs = {Role.FLOOR: self.tr("floor"), Role.IGNORE: self.tr("not built")}
        note = Eliding(signs.get(thing.role, "") if thing.name != "Floor" else "", "soft")
        line = row(self.swatch, self.name, note, self.lock, self.eye, spacing=6)
        line.setContentsMargins(10, 0, 4, 0)
        self.setLayout(line)


class Swatch(QToolButton):
    """A round of colour."""

    def __init__(self, color: str) -> None:
        super().__init__()
        self._color = QColor(color)
        self.setFixedSize(18, 18)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(look.accent if self.hasFocus() else look.edge))
        painter.setBrush(self._color)
        painter.drawEllipse(self.rect().adjusted(2, 2, -3, -3))
        painter.end()
