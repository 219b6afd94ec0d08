"""Actions about photos, and about building a scene of them."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication

from app.jobs.pictured import draw_photo
from app.program import Program
from app.rows.actions import Row

translate = QCoreApplication.translate


def add_rows(program: Program) -> tuple[Row, ...]:
    return (
        Row(
            "add_photos",
            "Photos",
            translate("Actions", "Add photos…"),
            program.add_photos,
            ("Ctrl+I",),
            "add-photos",
            translate("Actions", "Add photos or videos"),
        ),
        Row(
            "add_folder",
            "Photos",
            translate("Actions", "Add a folder…"),
            program.add_folder,
            ("Ctrl+Shift+I",),
            tip=translate("Actions", "Add all photos of a folder"),
        ),
        Row(
            "draw_photo",
            "Photos",
            translate("Actions", "Draw a photo from words ..."),
            lambda: draw(program),
            tip=translate("Actions", "Have a network of yours draw a room, to make a scene of it"),
        ),
    )


def draw(program: Program) -> None:
    """Ask what is to be seen, have it drawn, and take it for a photo."""
    words = program.dialogs.words(translate("Actions", "What is to be seen in the photo?"))
    place = program.memory.preferences.drawer
    if words and (not place or (Path(place).is_absolute() and not Path(place).exists())):
        found = program.dialogs.network_folder(translate("Actions", "a network that draws"))
        place = "" if found is None else str(found)
        program.memory.choose("drawer", place)
    if not words or not place:
        return
    drawn: list[Path] = []

    def hear(value: object) -> None:
        if isinstance(value, Path):
            drawn.append(value)

    told = translate("Actions", "Drawing a photo")
    program.session.ask(
        told, draw_photo, (words, place, program.work), hear=hear, done=lambda: program.take(drawn)
    )


def photo_rows(program: Program) -> tuple[Row, ...]:
    strip = program.window.strip

    def some() -> bool:
        return bool(strip.selection())

    return (
        Row(
            "include",
            "Photos",
            translate("Actions", "Include"),
            lambda: program.include(True),
            ("Ctrl+Return",),
            "check",
            translate("Actions", "Let the selected photos take part"),
            some,
            line_before=True,
        ),
        Row(
            "exclude",
            "Photos",
            translate("Actions", "Exclude"),
            lambda: program.include(False),
            ("Ctrl+Backspace",),
            "eye-off",
            translate("Actions", "Leave the selected photos out"),
            some,
        ),
        Row(
            "hold_out",
            "Photos",
            translate("Actions", "Hold out for testing"),
            lambda: program.hold_out(True),
            icon="held-out",
            tip=translate("Actions", "Place the selected photos but do not train on them"),
            enabled=some,
        ),
        Row(
            "train_on",
            "Photos",
            translate("Actions", "Use for training"),
            lambda: program.hold_out(False),
            tip=translate("Actions", "Train on the selected photos again"),
            enabled=some,
        ),
    )


def camera_rows(program: Program) -> tuple[Row, ...]:
    document, strip = program.document, program.window.strip

    def placed() -> bool:
        found = document.state.reconstruction
        return found is not None and any(p.name == strip.current() for p in found.photos)

    return (
        Row(
            "remove",
            "Photos",
            translate("Actions", "Remove"),
            program.remove,
            ("Del",),
            "close",
            translate("Actions", "Forget the selected photos; their files stay"),
            lambda: bool(strip.selection()),
            near=strip,
        ),
        Row(
            "look_through",
            "Photos",
            translate("Actions", "Look through its camera"),
            lambda: program.look_through(strip.current()),
            ("Ctrl+L",),
            "camera",
            translate("Actions", "See the scene from where the photo was taken, beside the photo"),
            placed,
            line_before=True,
        ),
    )


def build_rows(program: Program) -> tuple[Row, ...]:
    building = program.building
    return (
        Row(
            "build",
            "Build",
            translate("Actions", "Build"),
            program.build,
            ("Ctrl+B", "F5"),
            "play",
            translate("Actions", "Place the photos and train the scene"),
            building.can_build,
        ),
        Row(
            "go_on",
            "Build",
            translate("Actions", "Train on"),
            program.go_on,
            ("Ctrl+Shift+B",),
            "resume",
            translate("Actions", "Go on from where training stopped"),
            building.can_go_on,
        ),
        Row(
            "pause",
            "Build",
            translate("Actions", "Pause"),
            building.pause,
            ("Ctrl+P",),
            "pause",
            translate("Actions", "Hold the work"),
            lambda: building.activity.pausable and not building.activity.paused,
            line_before=True,
        ),
        Row(
            "resume",
            "Build",
            translate("Actions", "Resume"),
            building.resume,
            ("Ctrl+Alt+P",),
            "resume",
            translate("Actions", "Go on after a pause"),
            lambda: building.activity.paused,
        ),
        Row(
            "stop",
            "Build",
            translate("Actions", "Stop"),
            building.stop,
            ("Ctrl+.",),
            "stop",
            translate("Actions", "End the work with what it has reached"),
            lambda: building.activity.stoppable,
        ),
    )
