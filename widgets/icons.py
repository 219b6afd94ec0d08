"""Icons drawn for the program, in the colours of the theme."""

import weakref
from functools import lru_cache
from typing import Protocol

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from widgets import glyphs, theme

# Pixels, one of which suits any size and devicePixelRatio in use.
SIZES = (16, 20, 24, 32, 40, 48)
FAINT_SIZES = (20, 40)  # of what is disabled
APPLICATION = "maquette"


class Wearer(Protocol):
    """What can have an icon: a button, an action."""

    def setIcon(self, icon: QIcon) -> None: ...


def icon(name: str, color: str | None = None) -> QIcon:
    """The icon in `color`, or in that of the theme's text; faint where it is disabled."""
    look = theme.current()
    answer = QIcon()
    for size in SIZES:
        answer.addPixmap(QPixmap.fromImage(image(name, color or look.text, size)))
    for size in FAINT_SIZES:
        faint = QPixmap.fromImage(image(name, look.faint, size))
        answer.addPixmap(faint, QIcon.Mode.Disabled)
    return answer


def application_icon() -> QIcon:
    """The program's own mark."""
    answer = QIcon()
    for size in (*SIZES, 128, 256):
        answer.addPixmap(QPixmap.fromImage(image(APPLICATION, "#000000", size)))
    return answer


@lru_cache(maxsize=4096)
def image(name: str, color: str, pixels: int) -> QImage:
    """The drawing in a square of so many pixels. Raises KeyError for an unknown name."""
    answer = QImage(QSize(pixels, pixels), QImage.Format.Format_ARGB32_Premultiplied)
    answer.fill(Qt.GlobalColor.transparent)
    painter = QPainter(answer)
    renderer(name, color).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return answer


def paint(painter: QPainter, name: str, color: str, area: QRectF) -> None:
    """Draw the icon into `area`, sharp at the painter's devicePixelRatio."""
    device = painter.device()
    ratio = device.devicePixelRatioF() if device is not None else 1.0
    painter.drawImage(area, image(name, color, max(1, round(area.width() * ratio))))


@lru_cache(maxsize=512)
def renderer(name: str, color: str) -> QSvgRenderer:
    """Draws the icon at any size."""
    return QSvgRenderer(QByteArray(glyphs.colored(name, color).encode()))


def dress(wearer: Wearer, name: str, role: str = "text") -> None:
    """Give `wearer` the icon in the colour of `role`, now and after each change of theme."""
    for old in _dresser_of(wearer):
        old.deleteLater()
    _Dresser(wearer, name, role)


def _dresser_of(wearer: Wearer) -> list["_Dresser"]:
    assert isinstance(wearer, QObject)
    return [child for child in wearer.children() if isinstance(child, _Dresser)]


class _Dresser(QObject):
    """Lives and dies with what it dresses."""

    def __init__(self, wearer: Wearer, name: str, role: str) -> None:
        assert isinstance(wearer, QObject)
        super().__init__(wearer)
        self._wearer = weakref.ref(wearer)
        self._name, self._role = name, role
        theme.notifier().changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        wearer = self._wearer()
        if wearer is not None:
            wearer.setIcon(icon(self._name, getattr(theme.current(), self._role)))
