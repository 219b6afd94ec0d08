"""What mouse, wheel and keys do to the camera."""

import math
from enum import Enum, auto
from typing import TypeAlias

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent

from widgets.viewport.keymap import Keymap
from widgets.viewport.navigation import Pair, Side, looked, orbited, panned, zoomed
from widgets.viewport.options import Shading
from widgets.viewport.pilot import Pilot

Button: TypeAlias = Qt.MouseButton
Key: TypeAlias = Qt.Key
Modifier: TypeAlias = Qt.KeyboardModifier

# Of one notch of a wheel, and of one pixel of a trackpad.
NOTCH = math.log(1.18)
TRACKPAD = math.log(1.004)


class Drag(Enum):
    """What a dragged mouse does."""

    ORBIT = auto()
    PAN = auto()
    LOOK = auto()


DRAGS = {
    (Button.LeftButton, False): Drag.ORBIT,
    (Button.LeftButton, True): Drag.PAN,  # with Shift
    (Button.MiddleButton, False): Drag.PAN,
    (Button.MiddleButton, True): Drag.PAN,
    (Button.RightButton, False): Drag.LOOK,
    (Button.RightButton, True): Drag.LOOK,
}
BLENDER_DRAGS = {(Button.MiddleButton, False): Drag.ORBIT}
# Right, up, forward.
FLY = {
    Key.Key_W: (0, 0, 1),
    Key.Key_S: (0, 0, -1),
    Key.Key_A: (-1, 0, 0),
    Key.Key_D: (1, 0, 0),
    Key.Key_E: (0, 1, 0),
    Key.Key_Q: (0, -1, 0),
}
# On the numpad; with Ctrl from the other side. Without NumLock it sends the names on the right.
SIDES = {
    Key.Key_1: (Side.FRONT, Side.BACK),
    Key.Key_3: (Side.RIGHT, Side.LEFT),
    Key.Key_7: (Side.TOP, Side.BOTTOM),
    Key.Key_End: (Side.FRONT, Side.BACK),
    Key.Key_PageDown: (Side.RIGHT, Side.LEFT),
    Key.Key_Home: (Side.TOP, Side.BOTTOM),
}
# With Shift. Where digits are written with Shift, as on French keyboards, menus do not hear these.
SHADINGS = {Key(Key.Key_1 + i): shading for i, shading in enumerate(Shading)}
FRAME_KEYS = (Key.Key_Period, Key.Key_Comma, Key.Key_Delete)  # on the numpad


class Hands:
    """Turns the user's motions into the pilot's; positions in physical pixels."""

    def __init__(self, pilot: Pilot) -> None:
        self.pilot = pilot
        self.drag: Drag | None = None
        self._last: Pair = (0.0, 0.0)

    def press(self, button: Button, modifiers: Modifier, at: Pair, keymap: Keymap) -> None:
        shift = bool(modifiers & Modifier.ShiftModifier)
        drags = DRAGS | (BLENDER_DRAGS if keymap is Keymap.BLENDER else {})
        self.drag, self._last = drags.get((button, shift)), at

    def move(self, at: Pair, now: float) -> None:
        """Drag on to `at`."""
        (x, y), size = self._last, self.pilot.size
        dx, dy = at[0] - x, at[1] - y
        if self.drag is None or not (dx or dy):
            return
        self._last = at
        match self.drag:
            case Drag.ORBIT:
                self.pilot.move(lambda camera: orbited(camera, dx, dy, size), now)
            case Drag.LOOK:
                self.pilot.move(lambda camera: looked(camera, dx, dy, size), now)
            case Drag.PAN:
                self.pilot.move(lambda camera: panned(camera, (x, y), at, size), now)

    def release(self) -> None:
        self.drag = None

    def wheel(self, event: QWheelEvent, at: Pair, now: float) -> None:
        self.zoom(math.exp(wheel_steps(event.pixelDelta(), event.angleDelta())), at, now)

    def zoom(self, factor: float, at: Pair, now: float) -> None:
        """Nearer to what is at `at` by `factor`."""
        size = self.pilot.size
        self.pilot.move(lambda camera: zoomed(camera, factor, at, size), now)

    def fly_key(self, event: QKeyEvent, down: bool, now: float) -> bool:
        """Begin or end to fly; whether the key is for that."""
        key = Key(event.key())
        self.pilot.hurry(bool(event.modifiers() & Modifier.ShiftModifier))
        if key == Key.Key_Shift or not is_fly_key(event):
            return False
        if event.isAutoRepeat():
            return True
        if down:
            self.pilot.hold(key, FLY[key], now)
        else:
            self.pilot.release(key, now)
        return True


def is_fly_key(event: QKeyEvent) -> bool:
    others = event.modifiers() & ~(Modifier.ShiftModifier | Modifier.KeypadModifier)
    return event.key() in FLY and not others


def shading_key(event: QKeyEvent) -> Shading | None:
    """What a digit with Shift asks to be shown."""
    if event.modifiers() != Modifier.ShiftModifier or event.key() not in SHADINGS:
        return None
    return SHADINGS[Key(event.key())]


def side_key(event: QKeyEvent) -> Side | None:
    """The side that a key of the numpad asks for."""
    on_numpad = bool(event.modifiers() & Modifier.KeypadModifier)
    if not on_numpad or event.key() not in SIDES:
        return None
    opposite = bool(event.modifiers() & Modifier.ControlModifier)
    return SIDES[Key(event.key())][opposite]


def wheel_steps(pixels: QPoint, angle: QPoint) -> float:
    """Logarithm of how much nearer a turn of the wheel comes."""
    if not pixels.isNull():
        return pixels.y() * TRACKPAD
    return angle.y() / 120 * NOTCH
