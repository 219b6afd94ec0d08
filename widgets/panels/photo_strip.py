"""The dock of all photos: what became of each, which take part, which test the scene."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QImage, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QStackedWidget, QWidget

from core.scene.document import State
from core.scene.edits import Edit, RemovePhotos, SetHeldOut, SetIncluded
from widgets import icons
from widgets.guard import guarded
from widgets.panels.parts import (
    Eliding,
    Panel,
    button,
    column,
    icon_button,
    label,
    mark,
    named,
    row,
)
from widgets.panels.photo_delegate import PhotoDelegate
from widgets.panels.photo_model import PhotoModel
from widgets.panels.photo_status import Standing, header


class PhotoStrip(Panel):
    """Shows the photos of the state; wishes go out as edits."""

    edited = Signal(object)  # Edit
    chosen = Signal(str)  # the photo that the keyboard or mouse went to
    opened = Signal(str)  # to be looked through
    add_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("panel", parent)
        self._state = State()
        self.model = PhotoModel(self)
        self.model.ticked.connect(self._ticked)
        self.head = Eliding(header(self._state), "section")
        add = icon_button(
            self.tr("Add photos"), self.tr("Add photos or a video"), icon="add-photos"
        )
        add.clicked.connect(self.add_wanted)
        self.list = _List(self)
        self.list.setModel(self.model)
        named(self.list, self.tr("Photos"))
        self.list.setAccessibleDescription(
            self.tr("Space includes or excludes a photo, Enter looks through its camera.")
        )
        self.list.doubleClicked.connect(self._open)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list.selectionModel().currentChanged.connect(self._went_to)
        self.pages = QStackedWidget()
        self.pages.addWidget(self._empty_page())
        self.pages.addWidget(self.list)
        head = row(10, self.head, add, 6)
        head.setStretchFactor(self.head, 1)
        self.setLayout(column(5, head, 3, self.pages, spacing=0))
        self.setMinimumWidth(180)

    def show_state(self, old: State, new: State) -> None:
        """Show `new`, keeping what is selected and where the list stands."""
        self._state = new
        if (
            old.plan is not new.plan
            or old.reconstruction is not new.reconstruction
            or new.plan.capture is None
            or not self.model.names
        ):
            self.model.show_statuses(new)
            self.head.show_text(header(new))
            self.pages.setCurrentIndex(1 if self.model.names else 0)
        if new.selected != self.current() or old.selected != new.selected:
            self._select(new.selected)

    def set_thumbnails(self, pictures: Mapping[str, NDArray[np.uint8]]) -> None:
        """Add pictures [h, w, 3] by the names of their photos."""
        self.model.show_pictures(pictures)

    def thumbnail(self, name: str) -> QImage | None:
        return self.model.picture(name)

    def current(self) -> str | None:
        """The photo that the keyboard is at."""
        index = self.list.currentIndex()
        return self.model.names[index.row()] if index.isValid() else None

    def selection(self) -> tuple[str, ...]:
        """The selected photos, in their order."""
        rows = sorted(index.row() for index in self.list.selectionModel().selectedIndexes())
        return tuple(self.model.names[row] for row in rows)

    def _select(self, name: str | None) -> None:
        selection = self.list.selectionModel()
        self.list.silent = True
        if name is None or name not in self.model.names:
            selection.clear()
        else:
            index = self.model.index(self.model.names.index(name))
            if not selection.isSelected(index):
                selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            else:
                selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.list.scrollTo(index)
        self.list.silent = False

    def _went_to(self, index: QModelIndex) -> None:
        if not self.list.silent and index.isValid():
            name = self.model.names[index.row()]
            if self.model.usable(name):
                self.chosen.emit(name)

    def _open(self, index: QModelIndex) -> None:
        name = self.model.names[index.row()]
        if self.model.usable(name):
            self.opened.emit(name)

    def open_current(self) -> None:
        """Look through the camera of the current photo."""
        if self.list.currentIndex().isValid():
            self._open(self.list.currentIndex())

    def toggle_included(self) -> None:
        """Exclude the selected photos, or include them where the current one is excluded."""
        names = self.selection()
        if names:
            current = self.current() or names[0]
            self._include(names, self._excluded(current if current in names else names[0]))

    def _ticked(self, name: str, checked: bool) -> None:
        # A box of one among many selected means them all.
        names = self.selection()
        self._include(names if name in names else (name,), checked)

    def _include(self, names: Sequence[str], included: bool) -> None:
        self._wish(SetIncluded(tuple(names), included))

    def _wish(self, edit: Edit) -> None:
        self.edited.emit(edit)

    def _excluded(self, name: str) -> bool:
        return self.model.status(name).standing is Standing.EXCLUDED

    def _show_menu(self, where: QPoint) -> None:
        names = self.selection()
        if names:
            menu = self.menu(names)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.list.viewport().mapToGlobal(where))

    def menu(self, names: Sequence[str]) -> QMenu:
        """What can be done with the photos `names`."""
        menu = QMenu(self)
        chosen = tuple(names)
        placed = self._placed()
        current = self.current()
        first = current if current in chosen else chosen[0]

        def offer(text: str, icon: str, action: Callable[[], object], able: bool = True) -> None:
            entry = menu.addAction(icons.icon(icon), text)
            entry.setEnabled(able)
            entry.triggered.connect(action)

        if all(self._excluded(name) for name in chosen):
            offer(self.tr("Include"), "check", lambda: self._include(chosen, True))
        else:
            offer(self.tr("Exclude"), "excluded", lambda: self._include(chosen, False))
        if all(name in self._state.plan.held_out for name in chosen):
            edit = SetHeldOut(chosen, False)
            offer(self.tr("Use for training"), "build", lambda: self._wish(edit))
        else:
            edit = SetHeldOut(chosen, True)
            offer(self.tr("Hold out for testing"), "held-out", lambda: self._wish(edit))
        menu.addSeparator()
        offer(
            self.tr("Look through this camera"),
            "camera",
            lambda: self.opened.emit(first),
            first in placed,
        )
        offer(self.tr("Show in folder"), "folder", lambda: self._show_in_folder(first))
        menu.addSeparator()
        offer(
            self.tr("Remove from the project"), "remove", lambda: self._wish(RemovePhotos(chosen))
        )
        return menu

    def _placed(self) -> set[str]:
        reconstruction = self._state.reconstruction
        return set() if reconstruction is None else {photo.name for photo in reconstruction.photos}

    def _show_in_folder(self, name: str) -> None:
        capture = self._state.plan.capture
        for photo in capture.photos if capture is not None else ():
            if photo.name == name:
                QDesktopServices.openUrl(
                    QUrl.fromLocalFile(photo.path.absolute().parent.as_posix())
                )

    def _empty_page(self) -> QWidget:
        page = QWidget()
        title = label(self.tr("Drop photos here"), "strong")
        hint = label(
            self.tr("A folder, some photos or a video. 10 to 50 photos are plenty."),
            "soft",
            wraps=True,
        )
        picture = mark("photos", "faint", 40)
        add = button(
            self.tr("Add photos…"), self.tr("Choose photos, or a video"), icon="add-photos"
        )
        add.clicked.connect(self.add_wanted)
        for widget in (title, hint):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        inner = column(-1, row(-1, picture, -1), title, hint, 8, row(-1, add, -1), -1, -1)
        inner.setContentsMargins(16, 16, 16, 16)
        page.setLayout(inner)
        return page


class _List(QListView):
    """Space toggles the selected photos, Enter opens the current one."""

    def __init__(self, strip: PhotoStrip) -> None:
        super().__init__()
        self._strip = strip
        self.silent = False  # while the state, not the user, moves the selection
        self.setItemDelegate(PhotoDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Space:
                self._strip.toggle_included()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._strip.open_current()
            case Qt.Key.Key_Delete if self._strip.selection():
                self._strip.edited.emit(RemovePhotos(self._strip.selection()))
            case _:
                QListView.keyPressEvent(self, event)
