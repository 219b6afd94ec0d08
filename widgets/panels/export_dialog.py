"""The dialog of exports: what is wanted, how far it is, and that it was read back."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from widgets.panels.export_form import ExportForm
from widgets.panels.export_progress import ExportEnd, ExportProgress
from widgets.panels.parts import button, column, row
from widgets.panels.picture_form import PictureForm

WIDTH = 520


class ExportDialog(QDialog):
    """Stays open while a file is written, and does not hold the window up.

    `wanted` asks for a place and the work, `cancel_wanted` for its end, `folder_wanted` to see
    the file.
    """

    wanted = Signal()
    cancel_wanted = Signal()
    folder_wanted = Signal()

    def __init__(
        self, form: ExportForm | PictureForm, title: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(WIDTH)
        self.form = form
        self.begin = button(
            self.tr("Export…"), self.tr("Choose a place and write the file"), role="primary"
        )
        cancel = button(self.tr("Cancel"), self.tr("Write nothing (Esc)"))
        cancel.setAutoDefault(False)
        self.begin.setDefault(True)
        self.begin.clicked.connect(self.wanted)
        cancel.clicked.connect(self.reject)
        self.first = QWidget()
        self.first.setLayout(column(self.form, -1, row(-1, cancel, self.begin), spacing=14))
        self.progress, self.end = ExportProgress(), ExportEnd()
        self.progress.cancel_wanted.connect(self.cancel_wanted)
        self.end.folder_wanted.connect(self.folder_wanted)
        self.end.back_wanted.connect(lambda: self.show_page(self.first))
        self.end.close_wanted.connect(self.accept)
        self.pages = QStackedWidget()
        for page in (self.first, self.progress, self.end):
            self.pages.addWidget(page)
        whole = column(self.pages)
        whole.setContentsMargins(16, 16, 16, 12)
        self.setLayout(whole)
        self.form.changed.connect(self._judge)
        self._judge()

    def show_page(self, page: QWidget) -> None:
        """Turn to the form, the progress or the end."""
        self.pages.setCurrentWidget(page)

    def _judge(self) -> None:
        self.begin.setEnabled(self.form.file_size > 0)
