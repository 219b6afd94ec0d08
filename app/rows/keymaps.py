"""The keys of actions for hands that are used to another program, and the choice of them."""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from app.program import Program
from app.rows.actions import Row
from widgets.viewport.keymap import Keymap

translate = QCoreApplication.translate

# By the names of the actions; all others keep theirs.
KEYS: Mapping[Keymap, Mapping[str, tuple[str, ...]]] = {
    Keymap.MAQUETTE: {},
    Keymap.BLENDER: {
        "duplicate": ("Shift+D", "Ctrl+D"),
        "delete_thing": ("X", "Del"),
        "put_back": ("Alt+G",),
        "choose_all": ("A", "Ctrl+A"),
        "snap": ("Shift+Tab",),
        "solid": (),
        "split_off": ("P",),
        "pick_frame": ("B",),
        "pick_brush": ("C",),
    },
}


def use_keys(program: Program, keymap: Keymap) -> None:
    """Let menus, the view and the sheet of shortcuts go by `keymap`."""
    program.window.viewport.keymap = keymap
    program.actions.set_keys(KEYS[keymap])


def keymap_rows(program: Program) -> tuple[Row, ...]:
    """The choice, kept in the preferences."""

    def row(keymap: Keymap, words: str, tip: str) -> Row:
        def choose() -> None:
            program.memory.choose_keys(keymap)
            use_keys(program, keymap)

        return Row(
            f"keys_{keymap.value}",
            "Edit/Keys",
            words,
            choose,
            tip=tip,
            checked=lambda: program.window.viewport.keymap is keymap,
            group="keymap",
        )

    blender = translate("Actions", "As in Blender")
    own = translate("Actions", "Letters fly; 1 to 5 say what dragging does")
    others = translate("Actions", "G, R and S take hold, the middle button turns the view")
    return row(Keymap.MAQUETTE, "Maquette", own), row(Keymap.BLENDER, blender, others)
