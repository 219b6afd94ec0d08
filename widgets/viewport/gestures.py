"""What mouse and keys do in the viewport, in words, for a sheet of shortcuts."""

from PySide6.QtCore import QCoreApplication

from widgets.viewport.keymap import Keymap

translate = QCoreApplication.translate


def gestures(keymap: Keymap = Keymap.MAQUETTE) -> tuple[tuple[str, str], ...]:
    """Pairs of what it does and how it is done, in the user's language."""
    return (*_looking(keymap), *_arranging(keymap))


def _looking(keymap: Keymap) -> tuple[tuple[str, str], ...]:
    blender = keymap is Keymap.BLENDER
    turn = translate("Viewport", "Drag")
    move = translate("Viewport", "Shift and drag, or drag with the middle button")
    fly = translate("Viewport", "W, S, A, D")
    if blender:
        turn = translate("Viewport", "Drag, or drag with the middle button")
        move = translate("Viewport", "Shift and drag, with either button")
        fly = translate("Viewport", "W, S, A, D while the right button is held")
    return (
        (translate("Viewport", "Turn the scene"), turn),
        (translate("Viewport", "Move the scene"), move),
        (translate("Viewport", "Look around"), translate("Viewport", "Drag with the right button")),
        (translate("Viewport", "Nearer and further"), translate("Viewport", "Wheel, or pinch")),
        (
            translate("Viewport", "Turn about what is under the cursor"),
            translate("Viewport", "Double click"),
        ),
        (translate("Viewport", "Choose a photo"), translate("Viewport", "Click on its camera")),
        (
            translate("Viewport", "Look through a photo's camera"),
            translate("Viewport", "Double click on its camera"),
        ),
        (translate("Viewport", "Fly forward, back, left, right"), fly),
        (translate("Viewport", "Fly down, up"), translate("Viewport", "Q, E")),
        (translate("Viewport", "Fly faster"), translate("Viewport", "Hold Shift")),
        (
            translate("Viewport", "Move the line between photo and scene"),
            translate("Viewport", "Drag it, or comma and full stop"),
        ),
    )


def _arranging(keymap: Keymap) -> tuple[tuple[str, str], ...]:
    grabs = (
        (
            translate("Viewport", "In Layout: take hold, to move, turn or scale"),
            translate("Viewport", "G, R, S; a click or Enter lets go, Esc gives up"),
        ),
    )
    return (
        (
            translate("Viewport", "In Layout: choose a thing, choose more"),
            translate("Viewport", "Click, Shift and click"),
        ),
        (
            translate("Viewport", "In Layout: move what is chosen along the floor"),
            translate("Viewport", "Drag it; with Shift freely, with Ctrl snapping"),
        ),
        (
            translate("Viewport", "While dragging in Layout: along one axis alone"),
            translate("Viewport", "X, Y, Z"),
        ),
        *(grabs if keymap is Keymap.BLENDER else ()),
        (
            translate("Viewport", "Picking out: add, take away, leave what is in both"),
            translate("Viewport", "Shift, Alt, Shift and Alt while dragging"),
        ),
        (
            translate("Viewport", "Picking out: turn the view"),
            translate("Viewport", "Hold Space and drag"),
        ),
    )
