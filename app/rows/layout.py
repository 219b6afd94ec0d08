"""Actions of the layout's workspace: how things are dragged, and what is done to those chosen."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from app.program import Program
from app.rows.actions import Row
from app.rows.clean import clean_rows
from app.rows.making import making_rows
from widgets.panels.workspaces import LAYOUT
from widgets.viewport.handles import Mode

translate = QCoreApplication.translate
BRUSH_STEP = 1.25


def layout_rows(program: Program) -> tuple[Row, ...]:
    """In the order of the menu. Their keys work in the view, in the workspace of the layout."""
    rows = (
        *_modes(program),
        *_solid(program),
        *_brush(program),
        *clean_rows(program),
        *_things(program),
        *making_rows(program),
        *_hiding(program),
        *_lines(program),
    )
    return tuple(_in_layout(program, row) for row in rows)


def _in_layout(program: Program, row: Row) -> Row:
    def enabled() -> bool:
        here = program.workspace == LAYOUT and program.arranging.possible()
        return here and row.enabled()

    return replace(row, enabled=enabled)


def _modes(program: Program) -> tuple[Row, ...]:
    arranger, view = program.window.viewport.arranger, program.window.viewport

    def mode(kind: Mode, text: str, key: str, tip: str) -> Row:
        return Row(
            f"mode_{kind.value}",
            "Layout",
            text,
            lambda: arranger.set_mode(kind),
            (key,),
            "eraser" if kind is Mode.ERASE else f"mode-{kind.value}",
            f"{tip} ({key})",
            checked=lambda: arranger.mode is kind,
            group="layout_mode",
            near=view,
        )

    along = translate("Actions", "Drag a chosen thing along the floor; with Shift, freely")
    return (
        mode(Mode.MOVE, translate("Actions", "Move"), "1", along),
        mode(
            Mode.TURN,
            translate("Actions", "Turn"),
            "2",
            translate("Actions", "Drag a chosen thing, or its ring, to turn it on the floor"),
        ),
        mode(
            Mode.SCALE,
            translate("Actions", "Scale"),
            "3",
            translate("Actions", "Drag a chosen thing up or down to make it larger or smaller"),
        ),
        mode(
            Mode.ERASE,
            translate("Actions", "Erase"),
            "4",
            translate("Actions", "Brush away what is not wanted: of what is chosen, else of all"),
        ),
        Row(
            "snap",
            "Layout",
            translate("Actions", "Snap"),
            lambda: arranger.set_snaps(not arranger.snaps),
            ("X",),
            "snap",
            translate(
                "Actions", "Catch at a grid, at angles, and at tops and sides of things (X or Ctrl)"
            ),
            checked=lambda: arranger.snaps,
            near=view,
        ),
    )


def _solid(program: Program) -> tuple[Row, ...]:
    arranger, arranging = program.window.viewport.arranger, program.arranging

    def toggle() -> None:
        arranger.solid = not arranger.solid

    def toggle_along() -> None:
        arranger.takes_along = not arranger.takes_along

    return (
        Row(
            "solid",
            "Layout",
            translate("Actions", "Stop at other things"),
            toggle,
            ("C",),
            "solid",
            translate("Actions", "A dragged thing runs into no other (C)"),
            checked=lambda: arranger.solid,
            near=program.window.viewport,
        ),
        Row(
            "along",
            "Layout",
            translate("Actions", "Take along what stands on it"),
            toggle_along,
            tip=translate("Actions", "A table is moved and turned with all that is on it"),
            checked=lambda: arranger.takes_along,
        ),
        Row(
            "shadows",
            "Layout",
            translate("Actions", "Contact shadows"),
            arranging.toggle_shadows,
            tip=translate(
                "Actions", "Under things that stand where no photo saw them; written with the scene"
            ),
            checked=lambda: arranging.layout.shadows,
        ),
    )


def _brush(program: Program) -> tuple[Row, ...]:
    arranger, view = program.window.viewport.arranger, program.window.viewport
    return (
        Row(
            "restore",
            "Layout",
            translate("Actions", "Bring back what was erased"),
            program.arranging.restore,
            (),
            "undo-erase",
            translate("Actions", "Let all that was brushed away be there again"),
            lambda: bool(program.arranging.layout.erased),
        ),
        Row(
            "brush_thinner",
            "Layout",
            translate("Actions", "Smaller brush"),
            lambda: arranger.set_brush(arranger.brush / BRUSH_STEP),
            ("[",),
            near=view,
        ),
        Row(
            "brush_thicker",
            "Layout",
            translate("Actions", "Larger brush"),
            lambda: arranger.set_brush(arranger.brush * BRUSH_STEP),
            ("]",),
            near=view,
        ),
    )


def _things(program: Program) -> tuple[Row, ...]:
    arranging, view = program.arranging, program.window.viewport

    def row(
        name: str, text: str, run: Callable[[], None], keys: tuple[str, ...], icon: str, tip: str
    ) -> Row:
        return Row(
            name, "Layout", text, run, keys, icon, tip, lambda: bool(arranging.placed), near=view
        )

    return (
        replace(
            row(
                "duplicate", translate("Actions", "Duplicate"), arranging.duplicate, ("Ctrl+D",),
                "duplicate-thing", translate("Actions", "Put a copy beside it"),
            ),
            line_before=True,
        ),
        replace(
            row(
                "delete_thing", translate("Actions", "Delete"), arranging.delete,
                ("Del", "Backspace"), "remove", translate("Actions", "Take it out of the scene"),
            ),
            enabled=lambda: bool(arranging.placed) or arranging.cleaning.marked is not None,
        ),
        row(
            "drop", translate("Actions", "Drop to the floor"), arranging.drop, ("End",),
            "drop-floor", translate("Actions", "Straight down, until it stands"),
        ),
        row(
            "put_back", translate("Actions", "Put back"), arranging.put_back, ("R",),
            "put-back", translate("Actions", "To where it was captured"),
        ),
        row(
            "group", translate("Actions", "Group"), arranging.group, ("Ctrl+G",),
            "group", translate("Actions", "Choose and move them as one"),
        ),
        row(
            "ungroup", translate("Actions", "Ungroup"), arranging.ungroup, ("Ctrl+Shift+G",),
            "", translate("Actions", "Each by itself again"),
        ),
    )  # fmt: skip


def _hiding(program: Program) -> tuple[Row, ...]:
    arranging, view = program.arranging, program.window.viewport
    return (
        Row(
            "choose_all",
            "Layout",
            translate("Actions", "Choose everything"),
            arranging.choose_all,
            ("Ctrl+A",),
            near=view,
            line_before=True,
        ),
        Row(
            "hide_thing",
            "Layout",
            translate("Actions", "Hide"),
            arranging.hide,
            ("H",),
            "eye-off",
            translate("Actions", "Do not show it, and leave it out of what is written (H)"),
            lambda: bool(arranging.placed),
            near=view,
        ),
        Row(
            "show_things",
            "Layout",
            translate("Actions", "Show all"),
            arranging.show_all,
            ("Alt+H",),
            "eye",
            translate("Actions", "Show what was hidden (Alt+H)"),
            near=view,
        ),
    )


def _lines(program: Program) -> tuple[Row, ...]:
    arranging = program.arranging

    def row(name: str, text: str, run: Callable[[], None], least: int) -> Row:
        return Row(
            name, "Layout/Line up", text, run, enabled=lambda: len(arranging.placed) >= least
        )

    return (
        row("align_x", translate("Actions", "Align along X"), lambda: arranging.align(0), 2),
        row("align_z", translate("Actions", "Align along Z"), lambda: arranging.align(2), 2),
        row("align_y", translate("Actions", "Align heights"), lambda: arranging.align(1), 2),
        row(
            "distribute_x",
            translate("Actions", "Distribute along X"),
            lambda: arranging.distribute(0),
            3,
        ),
        row(
            "distribute_z",
            translate("Actions", "Distribute along Z"),
            lambda: arranging.distribute(2),
            3,
        ),
    )
