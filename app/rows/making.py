"""Actions that put something into the scene which no photo shows, and take it out again."""

from functools import partial

from PySide6.QtCore import QCoreApplication

from app.program import Program
from app.rows.actions import Row
from core.segment.labels import BACKGROUND
from core.single.paths import Path

translate = QCoreApplication.translate


def making_rows(program: Program) -> tuple[Row, ...]:
    """In the order of the menu."""
    return (
        *_things(program), *_behind(program), *_unseen(program), *_words(program),
        *_beyond(program),
    )  # fmt: skip


def _things(program: Program) -> tuple[Row, ...]:
    arranging = program.arranging
    return (
        Row(
            "settle",
            "Layout",
            translate("Actions", "Settle"),
            arranging.settle,
            ("Shift+End",),
            "check",
            translate("Actions", "Where photos show it, else onto what is below"),
            lambda: bool(arranging.placed) and not arranging.making.busy,
            near=program.window.viewport,
        ),
        Row(
            "insert",
            "Layout",
            translate("Actions", "Insert an object ..."),
            lambda: arranging.inserting.insert(program.dialogs),
            ("Ins",),
            "import",
            translate("Actions", "From another project, or a PLY, SPZ or GLB file"),
            arranging.inserting.possible,
            near=program.window.viewport,
        ),
    )


def _behind(program: Program) -> tuple[Row, ...]:
    filling = program.arranging.filling

    def toggle() -> None:
        filling.automatic = not filling.automatic

    return (
        Row(
            "fill_behind",
            "Layout",
            translate("Actions", "Fill what was behind"),
            filling.fill_all,
            ("Shift+B",),
            "fill-holes",
            translate("Actions", "Make up what things that are away have hidden"),
            lambda: bool(filling.lying_open()),
            near=program.window.viewport,
            line_before=True,
        ),
        Row(
            "fill_always",
            "Layout",
            translate("Actions", "Fill at Once"),
            toggle,
            tip=translate("Actions", "Fill whenever a thing is moved or deleted"),
            checked=lambda: filling.automatic,
        ),
    )


def _unseen(program: Program) -> tuple[Row, ...]:
    arranging, filling = program.arranging, program.arranging.filling
    return (
        Row(
            "complete_back",
            "Layout",
            translate("Actions", "Complete by symmetry"),
            arranging.completing.complete,
            ("Shift+M",),
            tip=translate("Actions", "Give it the back that no photo shows, as its mirror image"),
            enabled=lambda: arranging.completing.chosen() is not None,
            near=program.window.viewport,
        ),
        Row(
            "complete_pictured",
            "Layout",
            translate("Actions", "Complete from its picture ..."),
            lambda: arranging.picturing.complete(program.memory, program.dialogs),
            tip=translate(
                "Actions", "Have a network of yours make all of it, where photos show it"
            ),
            enabled=lambda: arranging.picturing.chosen() is not None and not arranging.making.busy,
        ),
        Row(
            "take_out",
            "Layout",
            translate("Actions", "Remove what was made up"),
            lambda: filling.take_out(arranging.placed),
            tip=translate("Actions", "Of what is chosen, else everywhere"),
            enabled=lambda: bool(filling.made_up(arranging.placed)),
        ),
        Row(
            "advise_photo",
            "Layout",
            translate("Actions", "Take a photo from here"),
            arranging.completing.advise,
            ("Shift+V",),
            "camera",
            translate("Actions", "Show where a photo would settle most of what is guessed"),
            arranging.completing.possible,
            near=program.window.viewport,
        ),
    )


def _words(program: Program) -> tuple[Row, ...]:
    def chosen() -> int:
        layout = program.document.state.plan.layout
        ids = {layout.placement(id_).object_id for id_ in program.arranging.placed}
        return ids.pop() if len(ids) == 1 else BACKGROUND

    def changed() -> bool:
        return any(each.object_id == chosen() for each in program.document.state.plan.reworks)

    return (
        Row(
            "change_by_words",
            "Layout",
            translate("Actions", "Change by words ..."),
            lambda: program.prior.wording.begin(chosen()),
            tip=translate("Actions", "Have a network of yours make it what you say"),
            enabled=lambda: program.prior.wording.can_change(chosen()),
        ),
        Row(
            "restore_object",
            "Layout",
            translate("Actions", "As before the words"),
            lambda: program.prior.wording.restore(chosen()),
            tip=translate("Actions", "Take back what words made of it"),
            enabled=changed,
        ),
    )


def _beyond(program: Program) -> tuple[Row, ...]:
    growing = program.arranging.growing
    words = {
        Path.LOOK_AROUND: translate("Actions", "Look around"),
        Path.TURN_AROUND: translate("Actions", "Turn around"),
        Path.STEP_IN: translate("Actions", "Step in"),
    }
    tip = translate("Actions", "Paint what is to be seen there beyond the photos, step by step")
    return tuple(
        Row(
            f"grow_{path.name.lower()}",
            "Layout/Grow",
            text,
            partial(growing.begin, path),
            tip=tip,
            enabled=growing.possible,
        )
        for path, text in words.items()
    )
