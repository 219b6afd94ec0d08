"""Keys that take hold of what is chosen, and that keep a drag to one axis."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor, QKeyEvent

from widgets.viewport.keymap import ACCEPTS, AXES, GRABS, Keymap

if TYPE_CHECKING:
    from widgets.viewport.widget import Viewport


def is_meant(event: QKeyEvent, viewport: "Viewport") -> bool:
    """Whether the key is for what is dragged, or takes hold of what is chosen, just now."""
    arranger, key = viewport.arranger, Qt.Key(event.key())
    if arranger.dragging:
        return key in AXES or (arranger.grabbed and key in ACCEPTS)
    grabs = viewport.keymap is Keymap.BLENDER and key in GRABS and not event.modifiers()
    return grabs and arranger.active and arranger.asked is None and arranger.pivot() is not None


def obey(event: QKeyEvent, viewport: "Viewport") -> bool:
    """Do what the key means; whether it was meant."""
    if not is_meant(event, viewport):
        return False
    arranger, key = viewport.arranger, Qt.Key(event.key())
    if key in ACCEPTS:
        arranger.release()
    elif arranger.dragging:
        arranger.constrain(AXES[key])
    else:
        at, ratio = viewport.mapFromGlobal(QCursor.pos()), viewport.devicePixelRatioF()
        arranger.grab(GRABS[key], (at.x() * ratio, at.y() * ratio))
    return True
