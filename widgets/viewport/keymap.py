"""What keys and buttons do in the view, for hands that are used to one program or another. Pure."""

from enum import Enum

from PySide6.QtCore import Qt

from widgets.viewport.handles import Part

Key = Qt.Key


class Keymap(Enum):
    """Whose habits are followed; the value is what preferences are written with."""

    MAQUETTE = "maquette"
    BLENDER = "blender"


# Keys that take hold of what is chosen without a button.
GRABS = {Key.Key_G: Part.BODY, Key.Key_R: Part.RING, Key.Key_S: Part.KNOB}
# Keys that let a drag go on along one axis alone.
AXES = {Key.Key_X: Part.X, Key.Key_Y: Part.Y, Key.Key_Z: Part.Z}
ACCEPTS = (Key.Key_Return, Key.Key_Enter)


def flies_always(keymap: Keymap) -> bool:
    """Whether letters fly at any time; else only while the right button is held."""
    return keymap is Keymap.MAQUETTE
