"""Actions of the masks' workspace: tools, what is done to the object at hand, files."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from app.masks.steps import export_masks, import_masks
from app.program import Program
from app.rows.actions import Row
from app.rows.networks import find_words_row, network_rows
from core.scene.edits import Edit
from core.segment.mask_export import MaskFormat
from widgets.canvas.options import Tool
from widgets.panels.workspaces import MASKS

translate = QCoreApplication.translate
WIDER = 3.0  # pixels that an object grows or shrinks by
CLOSER = 1.25  # for a key that zooms


def mask_rows(program: Program) -> tuple[Row, ...]:
    """In the order of the menu. Their keys work in the workspace of masks alone."""
    rows = (
        *_tools(program),
        *_objects(program),
        *_shapes(program),
        *_answers(program),
        find_words_row(program),
        *_sight(program),
    )
    return (*(_in_masks(program, row) for row in rows), *network_rows(program), *_files(program))


def _in_masks(program: Program, row: Row) -> Row:
    """`row`, which can be done only where masks are shown; letters are keys elsewhere too."""
    page = program.window.masks

    def enabled() -> bool:
        return program.workspace == MASKS and page.isVisibleTo(program.window) and row.enabled()

    return replace(row, enabled=enabled)


def _tools(program: Program) -> tuple[Row, ...]:
    page = program.window.masks

    def tool(kind: Tool, text: str, keys: tuple[str, ...], tip: str) -> Row:
        return Row(
            f"tool_{kind.name.lower()}",
            "Masks/Tool",
            text,
            lambda: page.choose_tool(kind),
            keys,
            kind.value,
            f"{tip} ({keys[0]})",
            checked=lambda: page.options.tool is kind,
            group="mask_tool",
        )

    return (
        tool(Tool.INSIDE, translate("Actions", "Point on the object"), ("Q",),
             translate("Actions", "Click on the object to find it")),
        tool(Tool.OUTSIDE, translate("Actions", "Point beside the object"), ("E",),
             translate("Actions", "Click on what is not the object")),
        tool(Tool.BOX, translate("Actions", "Box"), ("R",),
             translate("Actions", "Draw a box around the object to find it")),
        tool(Tool.PICK, translate("Actions", "Pick"), ("P",),
             translate("Actions", "Pick from what may be objects")),
        tool(Tool.LASSO, translate("Actions", "Lasso"), ("L",),
             translate("Actions", "Draw a line around pixels to add, with Alt to take away")),
        tool(Tool.BRUSH, translate("Actions", "Brush"), ("B",),
             translate("Actions", "Paint pixels, with Alt erase them")),
        tool(Tool.ERASER, translate("Actions", "Eraser"), ("X",),
             translate("Actions", "Erase pixels, with Alt paint them")),
        tool(Tool.WAND, translate("Actions", "Magic wand"), ("W",),
             translate("Actions", "Take pixels of a colour, with Alt take them away")),
        Row(
            "brush_smaller", "Masks/Tool", translate("Actions", "Smaller brush"),
            lambda: page.size_brush(False), ("[",), line_before=True,
        ),
        Row(
            "brush_larger", "Masks/Tool", translate("Actions", "Larger brush"),
            lambda: page.size_brush(True), ("]",),
        ),
    )  # fmt: skip


def _objects(program: Program) -> tuple[Row, ...]:
    page = program.window.masks
    new = Row(
        "new_object",
        "Masks",
        translate("Actions", "New object"),
        program.window.objects.new_object,
        ("N",),
        "plus",
        translate("Actions", "Add an object to mark (N)"),
        line_before=True,
    )
    choices = tuple(
        Row(
            f"object_{i}",
            "Masks/Object",
            translate("Actions", "Object {number} of the list").format(number=i),
            lambda i=i: page.choose_object(i - 1),  # type: ignore[misc]
            (str(i),),
        )
        for i in range(1, 10)
    )
    return (new, *choices)


def _shapes(program: Program) -> tuple[Row, ...]:
    page = program.window.masks
    tools = page.bench.tools

    def shape(name: str, text: str, make: Callable[[], Edit], keys: str, tip: str) -> Row:
        return Row(
            name.replace("-", "_"),
            "Masks",
            text,
            lambda: page.bench.change(make()),
            (keys,),
            name,
            f"{tip} ({keys})",
            lambda: page.ready,
            line_before=name == "fill-holes",
        )

    return (
        shape("fill-holes", translate("Actions", "Fill holes"), tools.fill_holes, "J",
              translate("Actions", "Fill what the object encloses and no other object has")),
        shape("grow", translate("Actions", "Grow"), lambda: tools.grow(WIDER), "G",
              translate("Actions", "Make the object 3 pixels wider")),
        shape("shrink", translate("Actions", "Shrink"), lambda: tools.shrink(WIDER), "T",
              translate("Actions", "Make the object 3 pixels narrower")),
        shape("specks", translate("Actions", "Remove specks"), tools.keep_largest, "K",
              translate("Actions", "Keep only the largest part of the object")),
        Row(
            "keep_part", "Masks", translate("Actions", "Keep the part under the mouse"),
            lambda: _keep_part(program), ("Shift+K",),
            tip=translate("Actions", "Remove all of the object but what hangs together there"),
            enabled=lambda: page.ready and page.view.mouse_place() is not None,
        ),
    )  # fmt: skip


def _keep_part(program: Program) -> None:
    bench = program.window.masks.bench
    place = bench.view.mouse_place()
    if place is not None:
        bench.change(bench.tools.keep_part(place))


def _answers(program: Program) -> tuple[Row, ...]:
    page = program.window.masks
    bench = page.bench

    def found() -> bool:
        return bench.answer is not None

    return (
        Row(
            "accept_answer", "Masks", translate("Actions", "Accept what was found"),
            bench.accept, ("Return", "Enter"), "check",
            translate("Actions", "Make it the object's mask"), found,
            near=page.view, line_before=True,
        ),
        Row(
            "next_answer", "Masks", translate("Actions", "Another answer"),
            bench.next_answer, ("Tab",),
            tip=translate("Actions", "Show what else may have been meant"),
            enabled=lambda: bench.choices, near=page.view,
        ),
        Row(
            "take_back_point", "Masks", translate("Actions", "Take back the last point"),
            bench.take_back, ("Backspace",),
            tip=translate("Actions", "Ask again without it"), near=page.view,
        ),
        Row(
            "discard_answer", "Masks", translate("Actions", "Discard"),
            bench.discard, ("Esc",),
            tip=translate("Actions", "Forget the points and what was found"), near=page.view,
        ),
    )  # fmt: skip


def _sight(program: Program) -> tuple[Row, ...]:
    page = program.window.masks
    view = page.view
    return (
        Row(
            "previous_photo", "Masks", translate("Actions", "Previous photo"),
            lambda: page.step_photo(-1), ("A",), "chevron-left",
            translate("Actions", "Go to the photo before (A)"), line_before=True,
        ),
        Row(
            "next_photo", "Masks", translate("Actions", "Next photo"),
            lambda: page.step_photo(1), ("D",), "chevron-right",
            translate("Actions", "Go to the photo after (D)"),
        ),
        Row(
            "whole_photo", "Masks", translate("Actions", "See the whole photo"),
            view.see_whole, ("F", "Home"), "frame",
            translate("Actions", "See all of it (F)"), near=view,
        ),
        Row(
            "photo_pixels", "Masks", translate("Actions", "See single pixels"),
            view.see_pixels, ("Shift+F",),
            tip=translate("Actions", "A pixel of the photo for one of the screen"),
        ),
        Row("zoom_in", "Masks", translate("Actions", "Closer"), lambda: view.zoom(CLOSER),
            ("=", "+")),
        Row("zoom_out", "Masks", translate("Actions", "Further away"),
            lambda: view.zoom(1 / CLOSER), ("-",)),
        Row(
            "photo_alone", "Masks", translate("Actions", "Photo alone"),
            page.toggle_masks, ("H",), "eye",
            translate("Actions", "Show the photo without masks, or with them again (H)"),
        ),
    )  # fmt: skip


def _files(program: Program) -> tuple[Row, ...]:
    def has_photos() -> bool:
        return program.state.plan.capture is not None

    def has_masks() -> bool:
        return bool(program.state.plan.masks.photos)

    def carrying() -> str:
        if program.masking.work.carrying:
            return translate("Actions", "Stop carrying over")
        return translate("Actions", "Carry over to all photos")

    def export(form: MaskFormat, text: str, tip: str) -> Row:
        return Row(
            f"export_{form.value}", "Masks/Export masks", text,
            lambda: export_masks(program, form), tip=tip, enabled=has_masks,
        )  # fmt: skip

    return (
        Row(
            "carry_masks", "Masks", carrying,
            program.masking.work.carry, ("Ctrl+Shift+M",), "mask-propagated",
            translate("Actions", "Let other photos' masks follow yours, through the scene"),
            program.masking.work.can_carry, line_before=True,
        ),
        Row(
            "import_masks", "Masks", translate("Actions", "Import masks…"),
            lambda: import_masks(program, folder=True), (), "import",
            translate("Actions", "Take masks from a folder of PNG files"), has_photos,
            line_before=True,
        ),
        Row(
            "import_coco", "Masks", translate("Actions", "Import a COCO file…"),
            lambda: import_masks(program, folder=False),
            tip=translate("Actions", "Take masks from COCO JSON"), enabled=has_photos,
        ),
        export(MaskFormat.OBJECTS, translate("Actions", "A PNG for each object…"),
               translate("Actions", "Folders of black and white pictures")),
        export(MaskFormat.LABELS, translate("Actions", "A label PNG for each photo…"),
               translate("Actions", "Indexed pictures with the numbers of objects")),
        export(MaskFormat.COCO, translate("Actions", "COCO JSON…"),
               translate("Actions", "One file with run lengths")),
        export(MaskFormat.ALPHA, translate("Actions", "Photos with alpha…"),
               translate("Actions", "Photos that show the visible objects alone")),
    )  # fmt: skip
