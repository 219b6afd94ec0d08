"""The four workspaces across the top."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from widgets.panels.parts import Panel, row
from widgets.panels.segments import Segments

PHOTOS, MASKS, BUILD, LAYOUT = WORKSPACES = ("photos", "masks", "build", "layout")


class WorkspaceBar(Panel):
    """Says which workspace is shown; `chosen` carries the one that the user wants."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("bar", parent)
        words = {
            PHOTOS: (self.tr("Photos"), self.tr("Choose the photos")),
            MASKS: (self.tr("Masks"), self.tr("Mark the objects in the photos")),
            BUILD: (self.tr("Build"), self.tr("Turn the photos into a scene")),
            LAYOUT: (self.tr("Layout"), self.tr("Arrange the objects")),
        }
        choices = [
            (name, words[name][0], f"{words[name][1]} (Ctrl+{i + 1})")
            for i, name in enumerate(WORKSPACES)
        ]
        self.segments = Segments(choices, self.tr("Workspaces"), icon_names=WORKSPACES)
        for button in self.segments.buttons.values():
            button.setMinimumWidth(112)
        self.segments.chosen.connect(self.chosen)
        line = row(-1, self.segments, -1)
        line.setContentsMargins(8, 5, 8, 5)
        self.setLayout(line)
        self.show_workspace(PHOTOS)

    def show_workspace(self, name: str) -> None:
        """Show that `name` is the workspace. Nothing is emitted."""
        self.segments.show_choice(name)

    def workspace(self) -> str:
        return self.segments.choice() or PHOTOS
