"""Actions that pick out Gaussians, and what is done to them."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from app.program import Program
from app.rows.actions import Row, always
from widgets.viewport.handles import Mode
from widgets.viewport.outlines import Tool

translate = QCoreApplication.translate


def clean_rows(program: Program) -> tuple[Row, ...]:
    """For the menu of the layout."""
    return (*_tools(program), *_deeds(program))


def _tools(program: Program) -> tuple[Row, ...]:
    arranger, selecting = program.window.viewport.arranger, program.window.viewport.selecting

    def begin() -> None:
        arranger.set_mode(Mode.SELECT)

    def tool(kind: Tool, text: str, key: str) -> Row:
        def run() -> None:
            begin()
            selecting.set_tool(kind)

        return Row(
            f"pick_{kind.value}",
            "Layout/Pick out",
            text,
            run,
            (key,),
            checked=lambda: arranger.mode is Mode.SELECT and selecting.tool is kind,
            group="layout_tool",
            near=program.window.viewport,
        )

    return (
        Row(
            "mode_select",
            "Layout",
            translate("Actions", "Pick out"),
            begin,
            ("5",),
            "pick",
            translate("Actions", "Pick out Gaussians, to erase them or make things of them (5)"),
            checked=lambda: arranger.mode is Mode.SELECT,
            group="layout_mode",
            near=program.window.viewport,
        ),
        tool(Tool.LASSO, translate("Actions", "With a lasso"), "L"),
        tool(Tool.FRAME, translate("Actions", "With a rectangle"), "M"),
        tool(Tool.BRUSH, translate("Actions", "With a brush"), "B"),
        tool(Tool.BOX, translate("Actions", "With a box"), "K"),
        tool(Tool.BALL, translate("Actions", "With a sphere"), "O"),
    )


def _deeds(program: Program) -> tuple[Row, ...]:
    cleaning, selecting = program.arranging.cleaning, program.window.viewport.selecting
    panel = program.window.layout_panel.clean

    def row(
        name: str, text: str, run: Callable[[], None], keys: tuple[str, ...] = (),
        enabled: Callable[[], bool] = always, icon: str = "", tip: str = "",
    ) -> Row:  # fmt: skip
        return Row(
            name, "Layout/Pick out", text, run, keys, icon, tip, enabled,
            near=program.window.viewport if keys else None,
        )  # fmt: skip

    def marked() -> bool:
        return cleaning.marked is not None

    def several() -> bool:
        return len(program.arranging.placed) > 1

    floaters = translate("Actions", "Pick out what likely floats where nothing is")
    return (
        row(
            "pick_floaters", translate("Actions", "Likely floaters"),
            lambda: cleaning.floaters(panel.strength_now()), icon="specks", tip=floaters,
        ),
        row("pick_others", translate("Actions", "Invert"), cleaning.invert, ("I",), marked),
        row("split_off", translate("Actions", "Split off"), cleaning.split, ("J",), marked),
        row("merge", translate("Actions", "Merge things"), cleaning.merge, ("Ctrl+J",), several),
        row(
            "keep_inside", translate("Actions", "Keep inside"), cleaning.keep,
            enabled=lambda: selecting.volume is not None,
        ),
        row("reset_crop", translate("Actions", "Reset the crop"), cleaning.reset,
            enabled=cleaning.cropped),
    )  # fmt: skip
