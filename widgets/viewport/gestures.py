"""What mouse and keys do in the viewport, in words, for a sheet of shortcuts."""

from PySide6.QtCore import QCoreApplication

translate = QCoreApplication.translate


def gestures() -> tuple[tuple[str, str], ...]:
    """Pairs of what it does and how it is done, in the user's language."""

    return (
        (translate("Viewport", "Turn the scene"), translate("Viewport", "Drag")),
        (
            translate("Viewport", "Move the scene"),
            translate("Viewport", "Shift and drag, or drag with the middle button"),
        ),
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
        (
            translate("Viewport", "Fly forward, back, left, right"),
            translate("Viewport", "W, S, A, D"),
        ),
        (translate("Viewport", "Fly down, up"), translate("Viewport", "Q, E")),
        (translate("Viewport", "Fly faster"), translate("Viewport", "Hold Shift")),
        (
            translate("Viewport", "In Layout: choose a thing, choose more"),
            translate("Viewport", "Click, Shift and click"),
        ),
        (
            translate("Viewport", "In Layout: move what is chosen along the floor"),
            translate("Viewport", "Drag it; with Shift freely, with Ctrl snapping"),
        ),
        (
            translate("Viewport", "Move the line between photo and scene"),
            translate("Viewport", "Drag it, or comma and full stop"),
        ),
    )
