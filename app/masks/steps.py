"""The user's steps about masks that begin with a question: which file, which colour."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from app.program import Program
from core.scene.mask_edits import ChangeObject
from core.segment.mask_export import MaskFormat

translate = QCoreApplication.translate


def import_masks(program: Program, *, folder: bool) -> None:
    """Take masks from other programs, from a folder or from a COCO file."""
    path = program.dialogs.mask_folder() if folder else program.dialogs.mask_file()
    if path is not None:
        program.masking.work.import_from(path)


def export_masks(program: Program, form: MaskFormat) -> None:
    """Write all masks where the user says."""
    coco = form is MaskFormat.COCO
    title = translate("Masks", "Export masks")
    kinds = translate("Masks", "COCO files ({kinds})").format(kinds="*.json")
    name = Path(f"{program.name()}-masks{'.json' if coco else ''}")
    path = program.dialogs.file_to_write(title, name, kinds if coco else "")
    if path is not None:
        program.masking.work.export_to(path.with_suffix(".json") if coco else path, form)


def choose_segmenter(program: Program, *, folder: bool) -> None:
    """Find objects by a network of the user's."""
    dialogs = program.dialogs
    path = dialogs.network_folder() if folder else dialogs.network_file()
    if path is not None:
        program.masking.use(str(path))


def choose_finder(program: Program) -> None:
    """Understand words by a network of the user's."""
    path = program.dialogs.network_folder("Grounding DINO or SAM 3")
    if path is not None:
        program.masking.words.use(str(path))


def recolor(program: Program, id_: int) -> None:
    """Give an object the colour that the user chooses."""
    thing = program.state.plan.masks.object(id_)
    color = program.dialogs.color(thing.color)
    if color is not None:
        words = translate("Masks", "Recolour {name}").format(name=thing.name)
        program.document.commit(ChangeObject(replace(thing, color=color), words))
