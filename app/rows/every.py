"""Every action of the program: where it stands in the menus, its keys, when it can be done."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt

from app.program import Program
from app.rows.actions import Row
from app.rows.film import film_rows
from app.rows.keymaps import keymap_rows
from app.rows.layout import layout_rows
from app.rows.masks import mask_rows
from app.rows.photos import add_rows, build_rows, camera_rows, photo_rows
from app.rows.prior import compare_rows, model_rows
from app.rows.view import look_rows, view_rows
from core.gaussians.arrays import SplatArrays
from core.scene.holds import standing_of

translate = QCoreApplication.translate


def rows(program: Program) -> tuple[Row, ...]:
    """In the order of the menus."""
    return (
        *_file(program),
        *_pictures(program),
        *film_rows(program)[:1],
        *_quit(program),
        *_edit(program),
        *keymap_rows(program),
        *add_rows(program),
        *photo_rows(program),
        *camera_rows(program),
        *mask_rows(program),
        *build_rows(program),
        *layout_rows(program),
        *view_rows(program),
        *look_rows(program),
        *film_rows(program)[1:],
        *compare_rows(program),
        *_window(program),
        *model_rows(program),
    )


def _file(program: Program) -> tuple[Row, ...]:
    document = program.document

    def worth_saving() -> bool:
        state = document.state
        return state.plan.capture is not None or isinstance(state.base, SplatArrays)

    return (
        Row(
            "new",
            "File",
            translate("Actions", "New"),
            program.new,
            ("Ctrl+N",),
            tip=translate("Actions", "Begin with nothing"),
        ),
        Row(
            "open",
            "File",
            translate("Actions", "Open…"),
            program.open_wanted,
            ("Ctrl+O",),
            "open",
            translate("Actions", "Open a project, or a PLY, SPZ or GLB file"),
        ),
        Row(
            "sample",
            "File",
            translate("Actions", "Open the sample photos"),
            program.try_sample,
            tip=translate("Actions", "Twelve photos of a small room, to try the program with"),
        ),
        Row(
            "save",
            "File",
            translate("Actions", "Save"),
            _quietly(program.projects.save),
            ("Ctrl+S",),
            "save",
            translate("Actions", "Save the project"),
            worth_saving,
            line_before=True,
        ),
        Row(
            "save_as",
            "File",
            translate("Actions", "Save as…"),
            _quietly(program.projects.save_as),
            ("Ctrl+Shift+S",),
            tip=translate("Actions", "Save the project in another place"),
            enabled=worth_saving,
        ),
        *_saved_with(program),
    )


def _saved_with(program: Program) -> tuple[Row, ...]:
    def text() -> str:
        kept = standing_of(program.state)
        words = translate("Actions", "Save where training stands")
        return words if kept is None else f"{words} ({kept.size / 1e6:.0f} MB)"

    def chosen() -> bool:
        return program.memory.preferences.keep_training

    return (
        Row(
            "keep_training",
            "File",
            text,
            lambda: program.memory.keep_training(not chosen()),
            tip=translate("Actions", "Training goes on exactly where it was; larger projects"),
            checked=chosen,
        ),
    )


def _pictures(program: Program) -> tuple[Row, ...]:
    document = program.document

    def has_splats() -> bool:
        return isinstance(document.state.content, SplatArrays)

    return (
        Row(
            "export",
            "File",
            translate("Actions", "Export…"),
            program.exporting.ask,
            ("Ctrl+E",),
            "export",
            translate("Actions", "Write splats or meshes for other programs"),
            has_splats,
        ),
        Row(
            "save_picture",
            "File",
            translate("Actions", "Save picture…"),
            program.save_picture,
            ("Ctrl+Shift+P",),
            "screenshot",
            translate("Actions", "Write what the view shows as a PNG"),
            line_before=True,
        ),
        Row(
            "copy_picture",
            "File",
            translate("Actions", "Copy picture"),
            program.window.viewport.copy_picture,
            ("Ctrl+Shift+C",),
            "copy",
            translate("Actions", "Put what the view shows on the clipboard"),
        ),
    )


def _quit(program: Program) -> tuple[Row, ...]:
    return (
        Row(
            "quit",
            "File",
            translate("Actions", "Quit"),
            _quietly(program.window.close),
            ("Ctrl+Q",),
            line_before=True,
        ),
    )


def _edit(program: Program) -> tuple[Row, ...]:
    document = program.document

    def undo() -> str:
        return translate("Actions", "Undo {step}").format(step=document.undo_label or "").strip()

    def redo() -> str:
        return translate("Actions", "Redo {step}").format(step=document.redo_label or "").strip()

    return (
        Row(
            "undo",
            "Edit",
            undo,
            document.undo,
            ("Ctrl+Z",),
            "undo",
            enabled=lambda: document.undo_label is not None,
        ),
        Row(
            "redo",
            "Edit",
            redo,
            document.redo,
            ("Ctrl+Shift+Z", "Ctrl+Y"),
            "redo",
            enabled=lambda: document.redo_label is not None,
        ),
    )


def _window(program: Program) -> tuple[Row, ...]:
    window = program.window

    def full() -> bool:
        return window.isFullScreen()

    def toggle_full() -> None:
        window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)

    return (
        Row(
            "full_screen",
            "View",
            translate("Actions", "Full screen"),
            toggle_full,
            ("F11",),
            checked=full,
            tip=translate("Actions", "Use the whole screen"),
            line_before=True,
        ),
        Row(
            "shortcuts",
            "Help",
            translate("Actions", "Keyboard shortcuts"),
            program.show_shortcuts,
            ("F1", "?"),
            "help",
            translate("Actions", "Everything that has keys"),
        ),
        Row("about", "Help", translate("Actions", "About Maquette"), program.show_about),
    )


def _quietly(function: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        function()

    return run
