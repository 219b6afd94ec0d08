"""The dock of objects: which there are, which is at hand, and what the photo's mask is."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QPoint, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QInputDialog, QListWidget, QListWidgetItem, QMenu, QWidget

from core.scene.document import State
from core.scene.edits import Edit
from core.scene.mask_edits import AddObject, ChangeObject, ConfirmMasks, ForgetMasks, RemoveObject
from core.scene.object_edits import RestoreObject
from core.segment.labels import Role, SceneObject, Standing
from widgets import icons
from widgets.canvas.object_row import ObjectRow
from widgets.canvas.page import object_at_hand
from widgets.canvas.words import object_name
from widgets.guard import guarded
from widgets.panels.mask_standing import standing_of, standing_words
from widgets.panels.parts import Panel, button, column, icon_button, label, named, row, rule

ROW = 34  # logical pixels


class ObjectsPanel(Panel):
    """Shows the objects of the state; wishes go out as edits."""

    edited = Signal(object)  # Edit
    chosen = Signal(object)  # id
    color_wanted = Signal(int)  # of the object with this id
    words_wanted = Signal(int)  # to be changed by words; while one is, to be left as it is

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("panel", parent)
        self._state = State()
        self.words_text = self.tr("Change by words…")
        self.add = icon_button(
            self.tr("New object"), self.tr("Add an object to mark (N)"), icon="plus"
        )
        self.add.clicked.connect(self.new_object)
        head = row(12, label(self.tr("Objects"), "section"), -1, self.add, 6)
        self.list = _List(self)
        named(self.list, self.tr("Objects"))
        self.list.currentItemChanged.connect(self._went_to)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self._title = label(self.tr("This photo"), "section")
        self._words = label("", "soft", wraps=True)
        self.confirm = button(
            self.tr("Confirm"), self.tr("This mask is right: make it mine"), icon="check"
        )
        self.confirm.clicked.connect(lambda: self._of_photo(ConfirmMasks))
        self.clear = button(
            self.tr("Clear"), self.tr("Forget this photo's mask, but for locked objects")
        )
        self.clear.clicked.connect(lambda: self._of_photo(ForgetMasks))
        below = column(
            rule(), 4, self._title, self._words, row(self.confirm, self.clear, -1), spacing=6
        )
        below.setContentsMargins(12, 6, 12, 12)
        self.setLayout(column(8, head, 4, self.list, below, spacing=0))
        self.setMinimumWidth(220)

    def show_state(self, old: State, new: State) -> None:
        """Show `new`; what did not change is left alone."""
        self._state = new
        masks = new.plan.masks
        if old.plan.masks.objects != masks.objects or not self.list.count():
            self._rebuild(masks.objects)
        at_hand, is_new = object_at_hand(masks, new.object)
        self._choose(None if is_new else at_hand.id)
        there = masks.photos.get(new.selected) if new.selected is not None else None
        standing = standing_of(new, new.selected) if new.selected is not None else Standing.NONE
        self._words.setText(standing_words(standing) if new.selected else self.tr("None chosen."))
        self.confirm.setEnabled(standing in (Standing.PROPAGATED, Standing.DOUBTFUL))
        self.clear.setEnabled(there is not None)

    def show_wording(self, runs: bool) -> None:
        """Say whether an object is being changed by words."""
        self.words_text = (
            self.tr("Stop the change by words") if runs else self.tr("Change by words…")
        )

    def new_object(self) -> None:
        """Add an object, and take it to hand."""
        masks = self._state.plan.masks
        number = 1 + sum(each.role is Role.OBJECT for each in masks.objects)
        made = masks.new_object(self.tr("Object {number}").format(number=number))
        self.edited.emit(AddObject(made))
        self.chosen.emit(made.id)

    def current(self) -> SceneObject | None:
        """The object at hand, as far as it is in the list."""
        item = self.list.currentItem()
        return None if item is None else self._object(item.data(Qt.ItemDataRole.UserRole))

    def rename(self, thing: SceneObject) -> None:
        """Ask for another name."""
        name, agreed = QInputDialog.getText(
            self, self.tr("Rename object"), self.tr("Name"), text=object_name(thing)
        )
        if agreed and name.strip():
            words = self.tr("Rename {name}").format(name=object_name(thing))
            self.edited.emit(ChangeObject(replace(thing, name=name.strip()), words))

    def describe(self, thing: SceneObject) -> None:
        """Ask what it is."""
        name = object_name(thing)
        what = self.tr(
            "What is it, in a few words? A network for words (Build, More) then completes\n"
            "what no photo shows of it. Nothing for no such help."
        )
        text, agreed = QInputDialog.getText(
            self, self.tr("Describe {name}").format(name=name), what, text=thing.words
        )
        if agreed and text.strip() != thing.words:
            words = self.tr("Describe {name}").format(name=name)
            self.edited.emit(ChangeObject(replace(thing, words=text.strip()), words))

    def remove(self, thing: SceneObject) -> None:
        """Forget an object; those that every project has stay."""
        if thing.role is Role.OBJECT:
            self.edited.emit(RemoveObject(thing.id, thing.name))

    def toggle(self, id_: int, *, locked: bool = False, visible: bool = False) -> None:
        """Lock or free, hide or show the object with this id."""
        thing = self._object(id_)
        if locked:
            words = self.tr("Free {name}") if thing.locked else self.tr("Lock {name}")
            self._change(replace(thing, locked=not thing.locked), words)
        if visible:
            words = self.tr("Hide {name}") if thing.visible else self.tr("Show {name}")
            self._change(replace(thing, visible=not thing.visible), words)

    def menu(self, thing: SceneObject) -> QMenu:
        """What can be done with an object."""
        menu = QMenu(self)

        def offer(text: str, icon: str, action: Callable[[], object], able: bool = True) -> None:
            entry = menu.addAction(icons.icon(icon), text) if icon else menu.addAction(text)
            entry.setEnabled(able)
            entry.triggered.connect(action)

        own = thing.role in (Role.OBJECT, Role.FLOOR)
        offer(self.tr("Rename…"), "", lambda: self.rename(thing), own)
        offer(self.tr("Colour…"), "", lambda: self.color_wanted.emit(thing.id))
        offer(
            self.tr("Free") if thing.locked else self.tr("Lock"),
            "unlock" if thing.locked else "lock",
            lambda: self.toggle(thing.id, locked=True),
        )
        offer(
            self.tr("Hide") if thing.visible else self.tr("Show"),
            "eye-off" if thing.visible else "eye",
            lambda: self.toggle(thing.id, visible=True),
        )
        menu.addSeparator()
        described = thing.role is not Role.IGNORE
        offer(self.tr("Describe…"), "", lambda: self.describe(thing), described)
        offer(self.words_text, "", lambda: self.words_wanted.emit(thing.id), own)
        if any(each.object_id == thing.id for each in self._state.plan.reworks):
            restore = RestoreObject(thing.id)
            offer(self.tr("As the photos have it"), "undo", lambda: self.edited.emit(restore))
        menu.addSeparator()
        removable = thing.role is Role.OBJECT
        offer(self.tr("Remove"), "remove", lambda: self.remove(thing), removable)
        return menu

    def _change(self, thing: SceneObject, words: str) -> None:
        self.edited.emit(ChangeObject(thing, words.format(name=object_name(thing))))

    def _object(self, id_: int) -> SceneObject:
        return self._state.plan.masks.object(id_)

    def _of_photo(self, kind: Callable[[tuple[str, ...]], Edit]) -> None:
        if self._state.selected is not None:
            self.edited.emit(kind((self._state.selected,)))

    def _rebuild(self, objects: tuple[SceneObject, ...]) -> None:
        with QSignalBlocker(self.list):
            at = self.list.verticalScrollBar().value()
            self.list.clear()
            for each in objects:
                item = QListWidgetItem()
                item.setData(Qt.ItemDataRole.UserRole, each.id)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, object_name(each))
                item.setSizeHint(QSize(100, ROW))
                self.list.addItem(item)
                line = ObjectRow(each)
                line.lock.clicked.connect(lambda _=False, i=each.id: self.toggle(i, locked=True))
                line.eye.clicked.connect(lambda _=False, i=each.id: self.toggle(i, visible=True))
                line.swatch.clicked.connect(lambda _=False, i=each.id: self.color_wanted.emit(i))
                self.list.setItemWidget(item, line)
            self.list.verticalScrollBar().setValue(at)

    def _choose(self, id_: int | None) -> None:
        with QSignalBlocker(self.list):
            for i in range(self.list.count()):
                item = self.list.item(i)
                if item.data(Qt.ItemDataRole.UserRole) == id_:
                    self.list.setCurrentItem(item)
                    return
            self.list.setCurrentRow(-1)

    def _went_to(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))

    def _show_menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        if item is not None:
            thing = self._object(item.data(Qt.ItemDataRole.UserRole))
            self.menu(thing).popup(self.list.viewport().mapToGlobal(at))


class _List(QListWidget):
    """F2 or a double click renames, Delete removes."""

    def __init__(self, panel: ObjectsPanel) -> None:
        super().__init__()
        self._panel = panel
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        thing = self._panel.current()
        if thing is not None and event.key() == Qt.Key.Key_F2:
            self._panel.rename(thing)
        elif thing is not None and event.key() == Qt.Key.Key_Delete:
            self._panel.remove(thing)
        else:
            QListWidget.keyPressEvent(self, event)

    @guarded
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        thing = self._panel.current()
        if thing is not None and thing.role in (Role.OBJECT, Role.FLOOR):
            self._panel.rename(thing)
