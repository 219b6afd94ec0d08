"""Hears the viewport's mouse, wheel and keys."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent

from widgets.guard import guarded
from widgets.viewport.arranger import Arranger
from widgets.viewport.grabbing import is_meant, obey
from widgets.viewport.hands import FRAME_KEYS, Drag, Hands, is_fly_key, shading_key, side_key
from widgets.viewport.keymap import flies_always
from widgets.viewport.navigation import Pair
from widgets.viewport.pilot import Pilot
from widgets.viewport.selecting import Selecting
from widgets.viewport.surface import now
from widgets.viewport.tools import hand

if TYPE_CHECKING:
    from widgets.viewport.widget import Viewport

CLICK = 4.0  # logical pixels: a mouse that has moved no further was not dragged
GRIP = 7.0  # logical pixels to either side of the wipe's line
NUDGE = 0.02  # of the width, that a key moves the line


class Input(QObject):
    """An event filter of the viewport."""

    def __init__(self, pilot: Pilot, viewport: "Viewport") -> None:
        super().__init__(viewport)
        self._pilot = pilot
        self._hands = Hands(pilot)
        self._pressed: QPointF | None = None  # where, while it may still be a click
        self._wiping = False
        viewport.installEventFilter(self)

    @property
    def _viewport(self) -> "Viewport":
        # Not held: in a ring of references it would be for the garbage collector to delete, which
        # may run in a thread where no widget may end.
        return cast("Viewport", self.parent())

    @property
    def _hand(self) -> Arranger | Selecting:
        return hand(self._viewport)

    @property
    def _flies(self) -> bool:
        """Whether letters fly."""
        return flies_always(self._viewport.keymap) or self._hands.drag is Drag.LOOK

    @guarded
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QMouseEvent):
            return self._mouse(kind, event)
        if isinstance(event, QWheelEvent):
            self._hands.wheel(event, self._pixels(event.position()), now())
        elif isinstance(event, QNativeGestureEvent):
            if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
                return False
            self._hands.zoom(1 + event.value(), self._pixels(event.position()), now())
        elif isinstance(event, QKeyEvent):
            return self._key(kind, event)
        elif kind == QEvent.Type.FocusOut:
            self._pilot.release(None, now())
            return False
        else:
            return False
        self._viewport.moved()
        return True

    def _mouse(self, kind: QEvent.Type, event: QMouseEvent) -> bool:
        at = event.position()
        match kind:
            case QEvent.Type.MouseButtonPress:
                self._press(event)
            case QEvent.Type.MouseButtonDblClick:
                self._take_pivot(*self._pixels(at))
            case QEvent.Type.MouseMove:
                self._move(event)
            case QEvent.Type.MouseButtonRelease:
                self._release(event)
            case _:
                return False
        return True

    def _press(self, event: QMouseEvent) -> None:
        at, left = event.position(), event.button() == Qt.MouseButton.LeftButton
        if (arranger := self._viewport.arranger).grabbed:
            (arranger.release if left else arranger.cancel)()
            return
        self._viewport.setFocus(Qt.FocusReason.MouseFocusReason)
        self._pressed = at if left else None
        self._wiping = left and self._on_line(at)
        if left and not self._wiping and self._hand.press(self._pixels(at), event.modifiers()):
            return
        if not self._wiping:
            keys = event.modifiers(), self._pixels(at), self._viewport.keymap
            self._hands.press(event.button(), *keys)

    def _move(self, event: QMouseEvent) -> None:
        at = event.position()
        if not event.buttons() and not self._viewport.arranger.grabbed:
            shape = Qt.CursorShape.SplitHCursor if self._on_line(at) else Qt.CursorShape.ArrowCursor
            if self._hand.hover(self._pixels(at)):
                shape = Qt.CursorShape.SizeAllCursor
            if self._viewport.cursor().shape() != shape:
                self._viewport.setCursor(shape)
            return
        if self._wiping:
            self._wipe_to(at.x() / self._viewport.width())
            return
        if self._pressed is not None:
            if (at - self._pressed).manhattanLength() <= CLICK:
                return
            self._pressed = None
        if self._hand.dragging:
            keys = event.modifiers()
            free = bool(keys & Qt.KeyboardModifier.ShiftModifier)
            snap = bool(keys & Qt.KeyboardModifier.ControlModifier)
            self._pilot.disturb(now())
            self._hand.move(self._pixels(at), free=free, snap=snap)
            return
        if self._hands.drag is not None:
            self._hands.move(self._pixels(at), now())
            self._viewport.moved()

    def _release(self, event: QMouseEvent) -> None:
        if self._hand.dragging and event.button() == Qt.MouseButton.LeftButton:
            self._hand.release()
        if self._pressed is not None and not self._wiping:
            adding = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if not self._hand.click(self._pixels(event.position()), adding=adding):
                self._choose(*self._pixels(event.position()))
        if not event.buttons():
            self._pressed, self._wiping = None, False
            self._hands.release()

    def _key(self, kind: QEvent.Type, event: QKeyEvent) -> bool:
        if kind == QEvent.Type.ShortcutOverride:
            # While we have the focus, flying comes before a menu's key of the same name.
            if is_meant(event, self._viewport) or (is_fly_key(event) and self._flies):
                event.accept()
                return True
            return False
        down = kind == QEvent.Type.KeyPress
        if event.key() == Qt.Key.Key_Space and self._viewport.selecting.active:
            self._viewport.selecting.turning = down or event.isAutoRepeat()
            return True
        if down and obey(event, self._viewport):
            return True
        if (self._flies or not down) and self._hands.fly_key(event, down, now()):
            self._viewport.moved()
            return True
        return down and self._command(event)

    def _command(self, event: QKeyEvent) -> bool:
        """What a key does at once; whether it does anything."""
        viewport, key = self._viewport, event.key()
        on_numpad = bool(event.modifiers() & Qt.KeyboardModifier.KeypadModifier)
        side, shading = side_key(event), shading_key(event)
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if side is not None:
            viewport.look_from(side)
        elif shading is not None:
            viewport.set_options(replace(viewport.options, shading=shading))
        elif not plain:
            return False
        elif on_numpad and key in (Qt.Key.Key_5, Qt.Key.Key_Clear):
            viewport.set_orthographic(not viewport.orthographic)
        elif key == Qt.Key.Key_F or (on_numpad and key in FRAME_KEYS):
            viewport.frame_selection()
        elif key == Qt.Key.Key_Home:
            viewport.frame_all()
        elif key == Qt.Key.Key_Escape and self._hand.escape():
            pass
        elif viewport.photo is not None and key == Qt.Key.Key_Escape:
            viewport.look_through(None)
        elif viewport.wipe is not None and key in (Qt.Key.Key_Comma, Qt.Key.Key_Period):
            self._wipe_to(viewport.wipe + (NUDGE if key == Qt.Key.Key_Period else -NUDGE))
        else:
            return False
        return True

    def _choose(self, x: float, y: float) -> None:
        """Choose the photo whose frustum is seen there."""
        easel = self._viewport.easel
        if easel is not None and (name := easel.renderer.frustum_at(x, y)):
            self._viewport.photo_chosen.emit(name)

    def _take_pivot(self, x: float, y: float) -> None:
        """Turn from now on about what is seen there; through a photo's frustum, look."""
        easel = self._viewport.easel
        if easel is not None and (name := easel.renderer.frustum_at(x, y)):
            self._viewport.look_through(name)
            return
        with self._viewport.drawing() as easel:
            point = None if easel is None else easel.point_at(x, y)
        if point is not None:
            self._pilot.turn_about(point, now())
            self._viewport.moved()

    def _wipe_to(self, part: float) -> None:
        """Move the line between photo and scene."""
        self._pilot.disturb(now())
        options = self._viewport.options
        self._viewport.set_options(replace(options, wipe=min(max(part, 0.0), 1.0)))

    def _on_line(self, at: QPointF) -> bool:
        wipe = self._viewport.wipe
        return wipe is not None and abs(at.x() - wipe * self._viewport.width()) <= GRIP

    def _pixels(self, at: QPointF) -> Pair:
        ratio = self._viewport.devicePixelRatioF()
        return at.x() * ratio, at.y() * ratio
