"""Everything the user can ask for, as rows: a label, keys, what it does, when it can be done."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from widgets import icons


def always() -> bool:
    return True


@dataclass(frozen=True)
class Row:
    """One action. `menu` is the path of its menu ("View/Shading"), `text` may change with time.

    `checked` makes it a tick, or with `group` one of several choices. With `near` its
    keys work only while that widget, or one inside it, has the focus.
    """

    name: str
    menu: str
    text: str | Callable[[], str]
    run: Callable[[], None]
    keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    enabled: Callable[[], bool] = always
    checked: Callable[[], bool] | None = None
    group: str = ""
    near: QWidget | None = None
    line_before: bool = False

    def name_now(self) -> str:
        return self.text() if callable(self.text) else self.text


class Actions:
    """The rows as `QAction`s of `owner`, in menus; `refresh` brings them up to date."""

    def __init__(self, owner: QWidget, rows: Sequence[Row]) -> None:
        self.rows = tuple(rows)
        self._made: dict[str, QAction] = {}
        self._keys: dict[str, tuple[str, ...]] = {}  # instead of those of the rows
        self._groups: dict[str, QActionGroup] = {}
        for row in rows:
            self._made[row.name] = self._make(owner, row)
        self.refresh()

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    def fill(self, bar: QMenuBar, texts: Callable[[str], str]) -> dict[str, QMenu]:
        """Put the actions into menus of `bar`; `texts`: a name in the user's language."""
        menus: dict[str, QMenu] = {}
        for row in self.rows:
            menu = _menu(bar, row.menu, menus, texts)
            if row.line_before:
                menu.addSeparator()
            menu.addAction(self._made[row.name])
        return menus

    def set_keys(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Let the actions of these names have other keys, and all others their own again."""
        self._keys = dict(keys)
        for row in self.rows:
            chosen = self._keys_of(row)
            self._made[row.name].setShortcuts([QKeySequence(each) for each in chosen])
            if row.name in keys and row.tip:
                tip = re.sub(r" \([^()]*\)$", "", row.tip)
                self._made[row.name].setToolTip(f"{tip} ({chosen[0]})" if chosen else tip)
            elif row.tip:
                self._made[row.name].setToolTip(row.tip)

    def shortcuts(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Menu, label and keys of all actions that have keys."""
        return [
            (row.menu.partition("/")[0], row.name_now(), self._keys_of(row))
            for row in self.rows
            if self._keys_of(row)
        ]

    def _keys_of(self, row: Row) -> tuple[str, ...]:
        return self._keys.get(row.name, row.keys)

    def refresh(self) -> None:
        """Ask every row anew what can be done, what is ticked and what it is called."""
        for row in self.rows:
            action = self._made[row.name]
            action.setEnabled(row.enabled())
            if row.checked is not None:
                action.setChecked(row.checked())
            if callable(row.text):
                action.setText(row.name_now())

    def _make(self, owner: QWidget, row: Row) -> QAction:
        action = QAction(row.name_now(), owner)
        action.setObjectName(row.name)
        action.setShortcuts([QKeySequence(keys) for keys in row.keys])
        if row.icon:
            icons.dress(action, row.icon)
        if row.tip:
            action.setToolTip(row.tip)
            action.setStatusTip(row.tip)
        if row.checked is not None:
            action.setCheckable(True)
        if row.group:
            group = self._groups.setdefault(row.group, QActionGroup(owner))
            group.addAction(action)
        if row.near is not None:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            row.near.addAction(action)
        else:
            owner.addAction(action)
        # A tick follows what is true, not the click: a wish that is refused leaves it as it was.
        action.triggered.connect(lambda _checked=False: self._triggered(row))
        return action

    def _triggered(self, row: Row) -> None:
        row.run()
        self.refresh()


def _menu(bar: QMenuBar, path: str, menus: dict[str, QMenu], texts: Callable[[str], str]) -> QMenu:
    if path not in menus:
        parent, _, name = path.rpartition("/")
        above: QMenu | QMenuBar = _menu(bar, parent, menus, texts) if parent else bar
        menus[path] = above.addMenu(texts(name))
    return menus[path]
