"""What mouse and keys do in the viewport, in words, for a sheet of shortcuts."""

from PySide6.QtCore import QCoreApplication

translate = QCoreApplication.translate


def gestures() -> tuple[tuple[str, str], ...]:
    """Pairs of what it does and how it is done, in the user's language."""

    def tr(words: str) -> str:
        return translate("Viewport", words)

    return (
        (tr("Turn the scene"), tr("Drag")),
        (tr("Move the scene"), tr("Shift and drag, or drag with the middle button")),
        (tr("Look around"), tr("Drag with the right button")),
        (tr("Nearer and further"), tr("Wheel, or pinch")),
        (tr("Turn about what is under the cursor"), tr("Double click")),
        (tr("Choose a photo"), tr("Click on its camera")),
        (tr("Look through a photo's camera"), tr("Double click on its camera")),
        (tr("Fly forward, back, left, right"), tr("W, S, A, D")),
        (tr("Fly down, up"), tr("Q, E")),
        (tr("Fly faster"), tr("Hold Shift")),
        (tr("Move the line between photo and scene"), tr("Drag it, or comma and full stop")),
    )
