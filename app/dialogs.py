"""The questions that the window asks: which file, and whether to go on."""

from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QColor, QDesktopServices
from PySide6.QtWidgets import QColorDialog, QFileDialog, QInputDialog, QMessageBox, QWidget

from core.capture.sources import PHOTO_SUFFIXES, PROJECT_SUFFIX, VIDEO_SUFFIXES
from core.export.any_file import SCENE_SUFFIXES

translate = QCoreApplication.translate


class Answer(Enum):
    """What to do with changes that are not saved."""

    SAVE = auto()
    DISCARD = auto()
    CANCEL = auto()


class Dialogs(Protocol):
    """None, or nothing, where the user takes the wish back."""

    def photos(self) -> tuple[Path, ...]: ...

    def folder(self) -> Path | None: ...

    def scene(self) -> Path | None: ...

    def thing(self) -> Path | None: ...

    def one_of(self, question: str, names: Sequence[str]) -> int | None: ...

    def words(self, question: str) -> str: ...

    def project_to_save(self, suggested: Path) -> Path | None: ...

    def file_to_write(self, title: str, suggested: Path, kinds: str) -> Path | None: ...

    def mask_folder(self) -> Path | None: ...

    def moved_photos(self) -> Path | None: ...

    def mask_file(self) -> Path | None: ...

    def network_file(self, name: str = "") -> Path | None: ...

    def network_folder(self, name: str = "") -> Path | None: ...

    def color(self, present: str) -> str | None: ...

    def keep_changes(self, name: str) -> Answer: ...

    def sure(self, question: str, explained: str, yes: str) -> bool: ...

    def show_folder(self, folder: Path) -> None: ...


class QtDialogs:
    """Asks in windows above `parent`; folders are remembered for as long as the program runs."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent
        self._place = str(Path.home())

    def photos(self) -> tuple[Path, ...]:
        suffixes = sorted(PHOTO_SUFFIXES | VIDEO_SUFFIXES)
        kinds = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in suffixes)
        named = translate("Dialogs", "Photos and videos ({kinds})").format(kinds=kinds)
        title = translate("Dialogs", "Add photos")
        found, _ = QFileDialog.getOpenFileNames(self._parent, title, self._place, named)
        return tuple(self._remembered(path) for path in found)

    def folder(self) -> Path | None:
        title = translate("Dialogs", "Add a folder of photos, or open a project")
        found = QFileDialog.getExistingDirectory(self._parent, title, self._place)
        return self._remembered(found) if found else None

    def scene(self) -> Path | None:
        title = translate("Dialogs", "Open a project, or a PLY, SPZ or GLB file")
        scenes = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in SCENE_SUFFIXES)
        kinds = translate("Dialogs", "Scenes ({kinds})").format(kinds=f"{scenes} manifest.json")
        found, _ = QFileDialog.getOpenFileName(self._parent, title, self._place, kinds)
        return self._remembered(found) if found else None

    def thing(self) -> Path | None:
        title = translate("Dialogs", "Insert an object of a project, or a file")
        suffixes = ("ply", "PLY", "spz", "SPZ", "glb", "GLB")
        kinds = " ".join(["manifest.json", *(f"*.{suffix}" for suffix in suffixes)])
        named = translate("Dialogs", "Projects and objects ({kinds})").format(kinds=kinds)
        found, _ = QFileDialog.getOpenFileName(self._parent, title, self._place, named)
        return self._remembered(found) if found else None

    def one_of(self, question: str, names: Sequence[str]) -> int | None:
        title = translate("Dialogs", "Insert")
        listed = [f"{number}  {name}" for number, name in enumerate(names, 1)]
        found, agreed = QInputDialog.getItem(self._parent, title, question, listed, 0, False)
        return listed.index(found) if agreed else None

    def words(self, question: str) -> str:
        title = translate("Dialogs", "Draw")
        found, agreed = QInputDialog.getText(self._parent, title, question)
        return found.strip() if agreed else ""

    def project_to_save(self, suggested: Path) -> Path | None:
        title = translate("Dialogs", "Save the project as")
        kinds = translate("Dialogs", "Projects ({kinds})").format(kinds=f"*{PROJECT_SUFFIX}")
        path = self.file_to_write(title, suggested, kinds)
        if path is None or path.suffix == PROJECT_SUFFIX:
            return path
        return path.with_name(path.name + PROJECT_SUFFIX)

    def file_to_write(self, title: str, suggested: Path, kinds: str) -> Path | None:
        start = suggested if suggested.is_absolute() else Path(self._place) / suggested
        found, _ = QFileDialog.getSaveFileName(self._parent, title, str(start), kinds)
        return self._remembered(found) if found else None

    def moved_photos(self) -> Path | None:
        title = translate("Dialogs", "The folder that the photos lie in now, or one above it")
        found = QFileDialog.getExistingDirectory(self._parent, title, self._place)
        return self._remembered(found) if found else None

    def mask_folder(self) -> Path | None:
        title = translate("Dialogs", "Import masks from a folder")
        found = QFileDialog.getExistingDirectory(self._parent, title, self._place)
        return self._remembered(found) if found else None

    def mask_file(self) -> Path | None:
        title = translate("Dialogs", "Import masks from a COCO file")
        kinds = translate("Dialogs", "COCO files ({kinds})").format(kinds="*.json *.JSON")
        found, _ = QFileDialog.getOpenFileName(self._parent, title, self._place, kinds)
        return self._remembered(found) if found else None

    def network_file(self, name: str = "") -> Path | None:
        title = translate("Dialogs", "A checkpoint of segment-anything")
        if name:
            title = translate("Dialogs", "The file of {name}").format(name=name)
        kinds = translate("Dialogs", "Checkpoints ({kinds})").format(kinds="*.pth *.pt")
        found, _ = QFileDialog.getOpenFileName(self._parent, title, self._place, kinds)
        return self._remembered(found) if found else None

    def network_folder(self, name: str = "") -> Path | None:
        title = translate("Dialogs", "The folder of a SAM, SAM 2 or SAM 3 for transformers")
        if name:
            title = translate("Dialogs", "The folder of {name}").format(name=name)
        found = QFileDialog.getExistingDirectory(self._parent, title, self._place)
        return self._remembered(found) if found else None

    def color(self, present: str) -> str | None:
        title = translate("Dialogs", "Colour of the object")
        found = QColorDialog.getColor(QColor(present), self._parent, title)
        return found.name() if found.isValid() else None

    def keep_changes(self, name: str) -> Answer:
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(translate("Dialogs", "Save changes?"))
        words = translate("Dialogs", "{name} has changes that are not saved.")
        box.setText(words.format(name=name))
        box.setInformativeText(translate("Dialogs", "They are lost if you do not save them."))
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        answers = {buttons.Save: Answer.SAVE, buttons.Discard: Answer.DISCARD}
        return answers.get(buttons(box.exec()), Answer.CANCEL)

    def sure(self, question: str, explained: str, yes: str) -> bool:
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(question)
        box.setInformativeText(explained)
        agree = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        return box.clickedButton() is agree

    def show_folder(self, folder: Path) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _remembered(self, found: str) -> Path:
        path = Path(found)
        self._place = str(path.parent)
        return path
