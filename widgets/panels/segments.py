"""A few choices side by side, of which one holds."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget

from widgets import icons
from widgets.guard import guarded
from widgets.panels.parts import Panel, beside_icon, named, row


class Segments(Panel):
    """Buttons in one frame; arrows go from one to the next. `chosen` is for the user's choices."""

    chosen = Signal(str)

    def __init__(
        self,
        choices: Sequence[tuple[str, str, str]],
        name: str,
        *,
        icon_names: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        """`choices`: key, text and tooltip of each."""
        super().__init__("segments", parent)
        named(self, name)
        self.buttons: dict[str, _Segment] = {}
        group = QButtonGroup(self)
        for i, (key, text, tip) in enumerate(choices):
            button = _Segment(beside_icon(text) if icon_names else text, self)
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            named(button, text, tip)
            if icon_names:
                icons.dress(button, icon_names[i])
            button.clicked.connect(lambda _checked=False, key=key: self.chosen.emit(key))
            group.addButton(button)
            self.buttons[key] = button
        line = row(*self.buttons.values(), spacing=2)
        line.setContentsMargins(2, 2, 2, 2)
        self.setLayout(line)
        self._group = group

    def show_choice(self, key: str | None) -> None:
        """Show which holds, or none. Nothing is emitted."""
        if key is None:
            self._group.setExclusive(False)
            for button in self.buttons.values():
                button.setChecked(False)
            self._group.setExclusive(True)
        else:
            self.buttons[key].setChecked(True)

    def choice(self) -> str | None:
        return next((key for key, button in self.buttons.items() if button.isChecked()), None)

    def step_from(self, button: "_Segment", step: int) -> None:
        """Choose the button so many places further round."""
        buttons = list(self.buttons.values())
        there = buttons[(buttons.index(button) + step) % len(buttons)]
        there.setFocus(Qt.FocusReason.TabFocusReason)
        there.click()


class _Segment(QPushButton):
    """One choice. Qt's own arrow keys would move the focus alone, and not by the order."""

    def __init__(self, text: str, segments: Segments) -> None:
        super().__init__(text)
        self._segments = segments

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Up:
                self._segments.step_from(self, -1)
            case Qt.Key.Key_Right | Qt.Key.Key_Down:
                self._segments.step_from(self, 1)
            case _:
                QPushButton.keyPressEvent(self, event)
