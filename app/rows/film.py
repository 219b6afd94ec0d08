"""Actions about films and other pictures of the scene."""

from PySide6.QtCore import QCoreApplication

from app.program import Program
from app.rows.actions import Row

translate = QCoreApplication.translate


def film_rows(program: Program) -> tuple[Row, ...]:
    """Pictures in the menu of files, the camera's path in that of the view."""
    filming, dock = program.filming, program.window.docks["path"]

    def show_path() -> None:
        dock.setVisible(not dock.isVisible())

    return (
        Row(
            "take_pictures",
            "File",
            translate("Actions", "Film and pictures…"),
            program.exporting.ask_pictures,
            ("Ctrl+Shift+E",),
            tip=translate("Actions", "Write a film, pictures, depth maps, or the cameras"),
            enabled=program.exporting.possible,
        ),
        Row(
            "camera_path",
            "View",
            translate("Actions", "Camera path"),
            show_path,
            tip=translate("Actions", "Show the key frames of a film"),
            checked=lambda: not dock.isHidden(),
            line_before=True,
        ),
        Row(
            "add_key",
            "View",
            translate("Actions", "Add key frame"),
            filming.add,
            ("Ctrl+K",),
            tip=translate("Actions", "Let the camera's path pass through what the view shows"),
            enabled=filming.possible,
        ),
        Row(
            "play_path",
            "View",
            translate("Actions", "Play the camera path"),
            filming.play,
            tip=translate("Actions", "Follow it in the view; again to stop"),
            enabled=lambda: filming.possible() and len(filming.path.keys) > 1,
        ),
    )
