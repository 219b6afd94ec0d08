"""Actions about who finds objects in photos: by clicks, and by words."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication

from app.masks.steps import choose_finder, choose_segmenter
from app.program import Program
from app.rows.actions import Row

translate = QCoreApplication.translate
CHECKPOINTS = (".pth", ".pt")


def network_rows(program: Program) -> tuple[Row, ...]:
    """Two choices, in menus of their own."""
    return (*_segmenters(program), *_finders(program))


def find_words_row(program: Program) -> Row:
    """Find objects by their name."""
    page, words = program.window.masks, program.masking.words
    return Row(
        "find_words", "Masks", translate("Actions", "Find by words…"),
        page.ask_words, ("Ctrl+F",), "search",
        translate("Actions", "Find what has a name: a chair, all lamps (Ctrl+F)"),
        lambda: page.ready and not words.missing,
    )  # fmt: skip


def _segmenters(program: Program) -> tuple[Row, ...]:
    masking = program.masking

    def file() -> bool:
        return Path(masking.place).suffix.lower() in CHECKPOINTS

    return (
        Row(
            "segmenter_plain", "Masks/Segmenter", translate("Actions", "The built-in segmenter"),
            lambda: masking.use(""), tip=translate("Actions", "Always there"),
            checked=lambda: not masking.place, group="segmenter",
        ),
        Row(
            "segmenter_file", "Masks/Segmenter", translate("Actions", "A .pth file of SAM…"),
            lambda: choose_segmenter(program, folder=False),
            tip=translate("Actions", "A checkpoint of segment-anything that you have"),
            checked=lambda: bool(masking.place) and file(), group="segmenter",
        ),
        Row(
            "segmenter_folder", "Masks/Segmenter",
            translate("Actions", "A folder of SAM, SAM 2 or SAM 3…"),
            lambda: choose_segmenter(program, folder=True),
            tip=translate("Actions", "A model for transformers that you have"),
            checked=lambda: bool(masking.place) and not file(), group="segmenter",
        ),
    )  # fmt: skip


def _finders(program: Program) -> tuple[Row, ...]:
    words = program.masking.words
    return (
        Row(
            "finder_none", "Masks/Words", translate("Actions", "Nothing but a SAM 3 chosen above"),
            lambda: words.use(""),
            tip=translate("Actions", "No network of its own for words"),
            checked=lambda: not words.place, group="finder",
        ),
        Row(
            "finder_folder", "Masks/Words",
            translate("Actions", "A folder of Grounding DINO or SAM 3…"),
            lambda: choose_finder(program),
            tip=translate("Actions", "A model for transformers that you have"),
            checked=lambda: bool(words.place), group="finder",
        ),
    )  # fmt: skip
