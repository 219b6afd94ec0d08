"""The editor of which prior helps: none, what the photos teach, or a folder with a network."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit

from core.pipeline.settings import AUTO, NONE
from widgets.panels.editors import Combo, Editor
from widgets.panels.fields import FieldText
from widgets.panels.parts import column, icon_button, named, row

FOLDER = "folder"
MODELS = ("model_index.json", "config.json")  # one of them is in every folder that will do


class PriorEditor(Editor):
    """Edits `Settings.prior`; a folder counts once it is named, and `only_folder` nothing else."""

    def __init__(self, text: FieldText, *, only_folder: bool = False) -> None:
        self.box = Combo()
        super().__init__(self.box)
        for key, words in (
            (NONE, self.tr("None")),
            (AUTO, self.tr("Learned from the photos")),
            (FOLDER, self.tr("A folder of weights")),
        ):
            self.box.addItem(words, key)
        self.box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        named(self.box, text.label, text.help)
        named(self.box.view(), text.label)
        self.line = QLineEdit()
        self._wanted = self.tr("Folder or name of a model")
        self.line.setPlaceholderText(self._wanted)
        named(self.line, self.tr("Where the prior lies"), self._wanted)
        self.browse = icon_button(
            self.tr("Choose a folder"), self.tr("Choose a folder"), icon="folder"
        )
        self.box.currentIndexChanged.connect(self._chosen)
        self.line.textChanged.connect(self._judge)
        self.line.editingFinished.connect(self._named)
        self.line.textEdited.connect(lambda _words: self._named() if only_folder else None)
        self.browse.clicked.connect(self._browse)
        self._place = row(self.line, self.browse, spacing=4)
        self.setLayout(column(self.box, self._place, spacing=4))
        self._unfold(only_folder)
        if only_folder:
            self.box.setCurrentIndex(self.box.findData(FOLDER))
            self.box.hide()

    def _put(self, value: Any) -> None:
        folder = value not in (NONE, AUTO)
        self.box.setCurrentIndex(self.box.findData(FOLDER if folder else value))
        if folder:
            self.line.setText(value)
        self._unfold(folder)

    def _chosen(self, _index: int) -> None:
        key = self.box.currentData()
        self._unfold(key == FOLDER)
        if key != FOLDER:
            self._tell(key)
        elif self.line.text().strip():
            self._named()

    def _named(self) -> None:
        if self.box.currentData() == FOLDER and self.line.text().strip():
            self._tell(self.line.text().strip())

    def _unfold(self, folder: bool) -> None:
        self.line.setVisible(folder)
        self.browse.setVisible(folder)

    def _judge(self, words: str) -> None:
        """Say at once what is wrong with a folder; a name may be known to this machine."""
        problem, path = "", Path(words).expanduser()
        if path.is_dir() and not any((path / name).is_file() for name in MODELS):
            problem = self.tr("There is no model in this folder.")
        elif not path.is_dir() and words.count("/") != 1:
            problem = self.tr("There is no such file or folder.") if words else ""
        self.line.setProperty("wrong", "true" if problem else "false")
        self.line.style().unpolish(self.line)
        self.line.style().polish(self.line)
        self.line.setToolTip(problem or self._wanted)

    def _browse(self) -> None:
        title = self.tr("The folder of a prior")
        chosen = QFileDialog.getExistingDirectory(self, title, self.line.text())
        if chosen:
            self.line.setText(chosen)
            self._named()
