"""The photo on the screen: it is zoomed and moved here, and whatever else is done to it is told."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from widgets.canvas.drags import Place
from widgets.canvas.easel import Easel
from widgets.canvas.options import CanvasOptions
from widgets.canvas.overlay import Over, Overlay
from widgets.canvas.sight import Sight
from widgets.guard import guarded
from widgets.panels.parts import named

WHEEL = 1.2  # how much larger for a notch of the wheel
NOTCH = 120.0  # what Qt tells of one
SMALLEST = 0.5  # of the scale at which all of the photo is seen
BUTTON, KEYS, SHAPE = Qt.MouseButton, Qt.KeyboardModifier, Qt.CursorShape


@dataclass(frozen=True)
class Touch:
    """The mouse at a `place` of the photo, with what is held besides."""

    place: Place
    taking: bool = False  # Alt, or the right button
    straight: bool = False  # Shift
    picking: bool = False  # Ctrl


class PhotoView(QWidget):
    """Shows a photo and its mask. The wheel zooms, the middle button or the space bar moves."""

    pressed = Signal(object)  # Touch
    moved = Signal(object)  # Touch; whether pressed or not
    released = Signal()
    left = Signal()
    turned = Signal(object)  # Sight

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(240, 180)
        named(self, self.tr("The photo and its masks"))
        self.easel, self.overlay = Easel(self), Overlay(self)
        self.sight, self.cursor_shape = Sight(), SHAPE.CrossCursor
        self._options = CanvasOptions()
        self._size: tuple[int, int] | None = None  # of the photo, (width, height)
        self._whole = True  # whether all of the photo is to be seen, whatever the room
        self._mouse: QPointF | None = None
        self._moves: QPointF | None = None  # where the mouse was while it moves the photo
        self._down = self._space = False

    def show_size(self, size: tuple[int, int] | None) -> None:
        """The (width, height) of the photo, all of which is then seen."""
        self._size = size
        self.see_whole()

    def show_options(self, options: CanvasOptions, cursor: Qt.CursorShape) -> None:
        """How the photo is shown, and with which cursor."""
        self._options, self.cursor_shape = options, cursor
        self._show_cursor()
        self.easel.show_view(self.sight, options)

    def show_over(self, over: Over) -> None:
        """What lies over the photo."""
        self.overlay.show_over(over, self.sight)

    def see_whole(self) -> None:
        """Show all of the photo, also when there is more or less room for it."""
        self._whole = True
        if self._size is not None and self.width() > 1:
            self._turn(Sight.whole((self.width(), self.height()), self._size))

    def see_pixels(self) -> None:
        """One pixel of the photo for one of the screen."""
        self.zoom(1 / (self.sight.scale * self.devicePixelRatioF()), self._mouse)

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Larger by `factor` about a place of the widget, or about its middle."""
        if self._size is None:
            return
        self._whole = False
        place = at or QPointF(self.width() / 2, self.height() / 2)
        room = (self.width(), self.height())
        least = min(1.0, SMALLEST * Sight.whole(room, self._size).scale)
        zoomed = self.sight.zoomed(factor, place.x(), place.y(), least)
        self._turn(zoomed.kept(room, self._size))

    def mouse_place(self) -> Place | None:
        """Where in the photo the mouse is."""
        return None if self._mouse is None else self._place(self._mouse)

    def _turn(self, sight: Sight) -> None:
        self.sight = sight
        self.easel.show_view(sight, self._options)
        self.turned.emit(sight)

    def _place(self, at: QPointF) -> Place:
        return self.sight.photo_place(at.x(), at.y())

    def _touch(self, event: QMouseEvent) -> Touch:
        keys = event.modifiers()
        right = BUTTON.RightButton in (event.button(), event.buttons())
        return Touch(
            self._place(event.position()),
            taking=right or bool(keys & KEYS.AltModifier),
            straight=bool(keys & KEYS.ShiftModifier),
            picking=bool(keys & KEYS.ControlModifier),
        )

    def _show_cursor(self) -> None:
        if self._moves is not None:
            self.setCursor(SHAPE.ClosedHandCursor)
        else:
            self.setCursor(SHAPE.OpenHandCursor if self._space else self.cursor_shape)

    @guarded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position()
        if self._size is None or self._down or self._moves is not None:
            return
        left = event.button() is BUTTON.LeftButton
        if event.button() is BUTTON.MiddleButton or (left and self._space):
            self._moves = self._mouse
            self._show_cursor()
        elif left or event.button() is BUTTON.RightButton:
            self._down = True
            self.pressed.emit(self._touch(event))

    @guarded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position()
        if self._moves is not None and self._size is not None:
            way, self._moves, self._whole = self._mouse - self._moves, self._mouse, False
            moved = self.sight.moved(way.x(), way.y())
            self._turn(moved.kept((self.width(), self.height()), self._size))
        self.moved.emit(self._touch(event))

    @guarded
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position()
        if self._moves is not None:
            self._moves = None
            self._show_cursor()
        elif self._down and not event.buttons() & (BUTTON.LeftButton | BUTTON.RightButton):
            # Where it is let go counts, whether or not a move told of it.
            self.moved.emit(self._touch(event))
            self._down = False
            self.released.emit()

    @guarded
    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = (event.angleDelta().y() or event.angleDelta().x()) / NOTCH
        self.zoom(WHEEL**notches, event.position())
        event.accept()

    @guarded
    def leaveEvent(self, event: QEvent) -> None:
        self._mouse = None
        self.left.emit()

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space:
            QWidget.keyPressEvent(self, event)
        elif not event.isAutoRepeat():
            self._space = True
            self._show_cursor()

    @guarded
    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space:
            QWidget.keyReleaseEvent(self, event)
        elif not event.isAutoRepeat():
            self._space = False
            self._show_cursor()

    @guarded
    def resizeEvent(self, event: QResizeEvent) -> None:
        QWidget.resizeEvent(self, event)
        for part in (self.easel, self.overlay):
            part.setGeometry(0, 0, self.width(), self.height())
        if self._whole:
            self.see_whole()

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        QWidget.showEvent(self, event)
        self.easel.draw()
        self.overlay.raise_()
