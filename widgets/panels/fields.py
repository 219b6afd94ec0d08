"""A frozen dataclass shown as a form: one editor a field, and the whole value each time."""

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QSizePolicy, QWidget

from widgets.panels.editors import Editor, editor
from widgets.panels.parts import label


@dataclass(frozen=True)
class FieldText:
    """How a field is put to people. Numbers lie between `low` and `high`, and move by `step`.

    `choices`: words for the members of an Enum, by name. `nothing`: words for None.
    """

    label: str = ""
    help: str = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    unit: str = ""
    nothing: str = ""
    choices: Mapping[str, str] | None = None


class Form(QWidget):
    """Shows a value of a dataclass; `changed` carries the value with the user's change.

    Fields are told about by their metadata ("label", "help", "low" ...: the parts of a
    `FieldText`), or by `texts`, which comes first. `only` names the fields that are shown;
    the others keep what `show_value` gave them. `editors`: for fields whose type does not say
    how they are edited.
    """

    changed = Signal(object)

    def __init__(
        self,
        kind: type[Any],
        texts: Mapping[str, FieldText] | None = None,
        only: tuple[str, ...] | None = None,
        parent: QWidget | None = None,
        editors: Mapping[str, Callable[[FieldText], Editor]] = {},
    ) -> None:
        super().__init__(parent)
        self._value: Any = None
        self._silent = False
        self.editors: dict[str, Editor] = {}
        rows = QFormLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(12)
        rows.setVerticalSpacing(8)
        rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        hints = typing.get_type_hints(kind)
        for part in fields(kind):
            if only is not None and part.name not in only:
                continue
            text = (texts or {}).get(part.name) or _text_in(part.name, part.metadata)
            plain, optional = without_none(hints[part.name])
            fallback = None if part.default is MISSING else part.default
            own = editors.get(part.name)
            box = own(text) if own else editor(plain, text, optional=optional, fallback=fallback)
            box.edited.connect(lambda value, name=part.name: self._take(name, value))
            caption = label(text.label)
            caption.setBuddy(box.target)
            caption.setToolTip(text.help)
            # As high as its editor, so that the two are on one line.
            caption.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
            rows.addRow(caption, box)
            self.editors[part.name] = box

    def value(self) -> Any:
        """The value as it now reads; None before `show_value`."""
        return self._value

    def show_value(self, value: Any) -> None:
        """Show `value`. Nothing is emitted."""
        self._silent = True
        self._value = value
        for name, box in self.editors.items():
            box.show_value(getattr(value, name))
        self._silent = False

    def _take(self, name: str, part: Any) -> None:
        if not self._silent and self._value is not None and getattr(self._value, name) != part:
            self._value = replace(self._value, **{name: part})
            self.changed.emit(self._value)


def without_none(hint: Any) -> tuple[Any, bool]:
    """`hint` without "or None", and whether it had that."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        parts = [part for part in typing.get_args(hint) if part is not type(None)]
        if len(parts) == 1:
            return parts[0], True
    return hint, False


def _text_in(name: str, metadata: Mapping[Any, Any]) -> FieldText:
    known = {part.name for part in fields(FieldText)}
    told = {key: value for key, value in metadata.items() if key in known}
    return FieldText(**{"label": name.replace("_", " ").capitalize(), **told})
