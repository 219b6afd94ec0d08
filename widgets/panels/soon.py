"""A plain page for what the program cannot do yet: what will come, and what to do meanwhile."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from widgets.panels.parts import Panel, column, label, mark, row

translate = QCoreApplication.translate
WIDTH = 480


class Soon(Panel):
    """An honest page."""

    def __init__(
        self, icon: str, title: str, coming: str, meanwhile: str, parent: QWidget | None = None
    ) -> None:
        super().__init__("page", parent)
        lines = [
            label(title, "heading", wraps=True),
            label(coming, "", wraps=True),
            label(meanwhile, "soft", wraps=True),
        ]
        for line in lines:
            line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            line.setFixedWidth(WIDTH)
        words = column(*lines, spacing=8)
        centred = column(-1, row(-1, mark(icon, "faint", 56), -1), 8, row(-1, words, -1), -1, -1)
        centred.setContentsMargins(24, 24, 24, 24)
        self.setLayout(centred)
        self.setAccessibleName(f"{title} {coming} {meanwhile}")


class LayoutSoon(Soon):
    """In place of the layout."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "layout",
            translate("Soon", "Layout is not there yet"),
            translate(
                "Soon", "Here you will move, turn, copy and remove the objects of the scene."
            ),
            translate(
                "Soon",
                "Until then look at the scene in Build, or export a PLY and edit it elsewhere.",
            ),
            parent,
        )
