"""The editors that forms are made of: one for each kind of value."""

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from widgets.guard import guarded
from widgets.panels.parts import icon_button, named, row

if TYPE_CHECKING:
    from widgets.panels.fields import FieldText

LARGEST = 2**31 - 1  # that Qt's spin boxes take
DECIMALS = 4


class Editor(QWidget):
    """Edits one value: `edited` when the user changed it, never when it is shown.

    `target` takes the keyboard.
    """

    edited = Signal(object)

    def __init__(self, target: QWidget) -> None:
        super().__init__()
        self.target = target
        self.setFocusProxy(target)
        self._silent = False

    def show_value(self, value: Any) -> None:
        """Show `value`; nothing is emitted."""
        self._silent = True
        self._put(value)
        self._silent = False

    def _put(self, value: Any) -> None:
        raise NotImplementedError

    def _tell(self, value: Any) -> None:
        if not self._silent:
            self.edited.emit(value)


def editor(kind: Any, text: "FieldText", *, optional: bool, fallback: Any) -> Editor:
    """An editor for values of `kind`. `fallback`: what an optional value begins with."""
    if optional:
        inner = editor(kind, text, optional=False, fallback=None)
        return OptionalEditor(inner, text, _beginning(kind, text, fallback))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return EnumEditor(kind, text)
    makers: dict[Any, Callable[[FieldText], Editor]] = {
        bool: BoolEditor,
        int: NumberEditor,
        float: lambda text: NumberEditor(text, decimals=DECIMALS),
        str: TextEditor,
        Path: PathEditor,
    }
    if kind not in makers:
        raise TypeError(f"there is no editor for {kind}")
    return makers[kind](text)


def _beginning(kind: Any, text: "FieldText", fallback: Any) -> Any:
    if fallback is not None:
        return fallback
    if kind in (int, float):
        return kind(text.low or 0)
    return next(iter(kind)) if isinstance(kind, type) and issubclass(kind, Enum) else kind()


class NumberEditor(Editor):
    """A spin box; told when typing ends, or at each step. Out of range cannot be typed."""

    def __init__(self, text: "FieldText", decimals: int = 0) -> None:
        self.box: QSpinBox | QDoubleSpinBox
        low = -LARGEST if text.low is None else text.low
        high = LARGEST if text.high is None else text.high
        if decimals:
            double = _DoubleSpin()
            double.setDecimals(decimals)
            double.setRange(low, high)
            double.setSingleStep(text.step or 0.1)
            self.box = double
        else:
            whole = _Spin()
            whole.setRange(int(low), int(high))
            whole.setSingleStep(int(text.step or 1))
            self.box = whole
        super().__init__(self.box)
        self.box.setGroupSeparatorShown(True)
        self.box.setKeyboardTracking(False)
        self.box.setSuffix(f" {text.unit}" if text.unit else "")
        self.box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.box.setMinimumWidth(110)
        # A style sheet's left padding does not reach the text of a spin box.
        for line in self.box.findChildren(QLineEdit):
            line.setTextMargins(6, 0, 0, 0)
        named(self.box, text.label, text.help)
        self.box.valueChanged.connect(self._tell)
        self.setLayout(row(self.box))

    def _put(self, value: Any) -> None:
        self.box.setValue(value)


class BoolEditor(Editor):
    """A box to tick."""

    def __init__(self, text: "FieldText") -> None:
        self.box = QCheckBox()
        super().__init__(self.box)
        named(self.box, text.label, text.help)
        self.box.toggled.connect(self._tell)
        self.setLayout(row(self.box, -1))

    def _put(self, value: Any) -> None:
        self.box.setChecked(value)


class EnumEditor(Editor):
    """A list to choose from, in the words of `FieldText.choices`."""

    def __init__(self, kind: type[Enum], text: "FieldText") -> None:
        self.box = Combo()
        super().__init__(self.box)
        self._members = list(kind)
        for member in self._members:
            words = (text.choices or {}).get(member.name)
            self.box.addItem(words or member.name.replace("_", " ").capitalize())
        self.box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        named(self.box, text.label, text.help)
        self.box.currentIndexChanged.connect(lambda i: self._tell(self._members[i]))
        self.setLayout(row(self.box))

    def _put(self, value: Any) -> None:
        self.box.setCurrentIndex(self._members.index(value))


class TextEditor(Editor):
    """A line; told when typing ends."""

    def __init__(self, text: "FieldText") -> None:
        self.box = QLineEdit()
        super().__init__(self.box)
        named(self.box, text.label, text.help)
        self.box.editingFinished.connect(self._finished)
        self.setLayout(row(self.box))

    def _finished(self) -> None:
        self._tell(self.box.text())

    def _put(self, value: Any) -> None:
        self.box.setText(value)


class PathEditor(Editor):
    """A line for a path and a button that looks for one; what is not there is shown to be wrong."""

    def __init__(self, text: "FieldText") -> None:
        self.box = QLineEdit()
        super().__init__(self.box)
        named(self.box, text.label, text.help)
        self.browse = icon_button(
            self.tr("Choose a folder"), self.tr("Choose a folder"), icon="folder"
        )
        self.browse.clicked.connect(self._browse)
        self.box.textChanged.connect(self._judge)
        self.box.editingFinished.connect(lambda: self._tell(Path(self.box.text())))
        self.setLayout(row(self.box, self.browse, spacing=4))

    def _put(self, value: Any) -> None:
        self.box.setText(str(value))

    def _judge(self, words: str) -> None:
        wrong = bool(words) and not Path(words).exists()
        self.box.setProperty("wrong", "true" if wrong else "false")
        self.box.style().unpolish(self.box)
        self.box.style().polish(self.box)
        self.box.setToolTip(self.tr("There is no such file or folder.") if wrong else "")

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Choose a folder"), self.box.text())
        if chosen:
            self.box.setText(chosen)
            self._tell(Path(chosen))


class OptionalEditor(Editor):
    """A box to tick, and the editor of the value while it is ticked."""

    def __init__(self, inner: Editor, text: "FieldText", beginning: Any) -> None:
        self.tick = QCheckBox(text.nothing)
        super().__init__(self.tick)
        self._inner, self._last, self._nothing = inner, beginning, text.nothing
        named(self.tick, text.label, text.help)
        inner.edited.connect(self._remember)
        self.tick.toggled.connect(self._toggled)
        inner.setVisible(False)
        line = row(self.tick, inner)
        line.setStretchFactor(inner, 1)
        self.setLayout(line)
        self.inner = inner

    def _put(self, value: Any) -> None:
        self.tick.setChecked(value is not None)
        self._show_inner(value is not None)
        if value is not None:
            self._last = value
            self._inner.show_value(value)

    def _show_inner(self, there: bool) -> None:
        self._inner.setVisible(there)
        self.tick.setText("" if there else self._nothing)

    def _remember(self, value: Any) -> None:
        self._last = value
        self._tell(value)

    def _toggled(self, there: bool) -> None:
        self._show_inner(there)
        if self._silent:
            return
        if there:
            self._inner.show_value(self._last)
            QTimer.singleShot(0, self._inner, self._inner.setFocus)
        self._tell(self._last if there else None)


class _Spin(QSpinBox):
    """Lets the wheel scroll the page rather than change what lies under it."""

    @guarded
    def wheelEvent(self, event: QWheelEvent) -> None:
        _wheel(self, event, QSpinBox.wheelEvent)


class _DoubleSpin(QDoubleSpinBox):
    """As `_Spin`."""

    @guarded
    def wheelEvent(self, event: QWheelEvent) -> None:
        _wheel(self, event, QDoubleSpinBox.wheelEvent)


class Combo(QComboBox):
    """As `_Spin`."""

    @guarded
    def wheelEvent(self, event: QWheelEvent) -> None:
        _wheel(self, event, QComboBox.wheelEvent)


def _wheel(widget: QWidget, event: QWheelEvent, turn: Callable[..., None]) -> None:
    if widget.hasFocus():
        turn(widget, event)
    else:
        event.ignore()
