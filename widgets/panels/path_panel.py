"""The dock of the camera's path: its key frames in their order, and how long it takes."""

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtWidgets import QCheckBox, QListWidget, QListWidgetItem, QWidget

from core.scene.camera_path import SECONDS, CameraPath, times
from core.scene.document import State
from core.scene.path_edits import ChangePath, MoveKey, RemoveKey
from widgets.panels.editors import NumberEditor
from widgets.panels.fields import FieldText
from widgets.panels.parts import Panel, beside_icon, button, column, icon_button, label, named, row

ROW = 28
FEWEST_ROWS = 4


class PathPanel(Panel):
    """Shows the path of the state; wishes go out as edits, or as what the view has to do."""

    edited = Signal(object)  # Edit
    add_wanted = Signal()
    change_wanted = Signal(int)  # number of the key that is to be the present view
    shown = Signal(int)  # number of the key to look from
    play_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("panel", parent)
        self._path = CameraPath()
        self.list = QListWidget()
        tip = self.tr("Double-click one to look from there")
        named(self.list, self.tr("Key frames"), tip)
        self.list.setMinimumHeight(FEWEST_ROWS * ROW)
        self.list.currentRowChanged.connect(lambda _row: self._judge())
        self.list.itemDoubleClicked.connect(lambda item: self.shown.emit(self.list.row(item)))
        self.add = button(
            self.tr("Add"), self.tr("Pass through what the view shows now"), icon="plus"
        )
        tips = {
            "change": (
                self.tr("Change"),
                self.tr("Pass through the present view instead"),
                "put-back",
            ),
            "up": (self.tr("Earlier"), self.tr("Pass through it earlier"), "chevron-up"),
            "down": (self.tr("Later"), self.tr("Pass through it later"), "chevron-down"),
            "remove": (self.tr("Remove"), self.tr("Forget the key frame"), "remove"),
        }
        self.tools = {
            name: icon_button(words, tip, icon=icon) for name, (words, tip, icon) in tips.items()
        }
        long = FieldText(self.tr("Length"), self.tr("How long the way takes"), *SECONDS, 0.5, "s")
        self.seconds = NumberEditor(long, decimals=1)
        self.closed = QCheckBox(self.tr("Back to the first"))
        self.closed.setToolTip(self.tr("The way ends where it began"))
        self.play = button(self.tr("Play"), self.tr("Follow the way in the view"), icon="play")
        self.hint = label(
            self.tr("Look from where the film is to begin, and add a key frame; then the next."),
            "soft", wraps=True,
        )  # fmt: skip
        self._arrange()
        self.show_path(self._path)
        self.show_playing(False)

    @property
    def at(self) -> int | None:
        """Number of the key that is chosen."""
        row_ = self.list.currentRow()
        return row_ if row_ >= 0 else None

    def show_state(self, old: State, new: State) -> None:
        """Show `new`; what did not change is left alone."""
        if new.plan.path is not self._path:
            self.show_path(new.plan.path)

    def show_path(self, path: CameraPath) -> None:
        """Show its keys, and when each is reached."""
        before, grown = self.list.currentRow(), len(path.keys) > len(self._path.keys)
        self._path = path
        count = len(path.keys)
        when = times(path) * path.seconds if count > 1 else [0.0]
        with QSignalBlocker(self.list):
            self.list.clear()
            for number in range(count):
                words = self.tr("Key frame {number}, at {seconds} s")
                seconds = f"{when[number]:.1f}"
                item = QListWidgetItem(words.format(number=number + 1, seconds=seconds))
                item.setSizeHint(QSize(100, ROW))
                self.list.addItem(item)
            now = before + 1 if grown and before >= 0 else before
            self.list.setCurrentRow(min(count - 1 if grown and before < 0 else now, count - 1))
        self.seconds.show_value(path.seconds)
        with QSignalBlocker(self.closed):
            self.closed.setChecked(path.closed)
        self.hint.setVisible(not count)
        self._judge()

    def show_playing(self, playing: bool) -> None:
        """Whether the view follows the way just now."""
        words = self.tr("Stop") if playing else self.tr("Play")
        self.play.setText(beside_icon(words))
        self.play.setAccessibleName(words)

    def _arrange(self) -> None:
        tools = self.tools
        head = row(self.add, -1, *tools.values())
        length = row(label(self.tr("Length"), "soft"), self.seconds, -1, self.closed)
        whole = column(head, self.hint, self.list, length, row(-1, self.play), spacing=8)
        whole.setContentsMargins(12, 8, 12, 12)
        whole.setStretch(2, 1)
        self.setLayout(whole)
        self.add.clicked.connect(self.add_wanted)
        self.play.clicked.connect(self.play_wanted)
        tools["change"].clicked.connect(lambda: self.change_wanted.emit(self.at))
        tools["remove"].clicked.connect(lambda: self.edited.emit(RemoveKey(self.at or 0)))
        tools["up"].clicked.connect(lambda: self._move(-1))
        tools["down"].clicked.connect(lambda: self._move(1))
        self.seconds.edited.connect(lambda _value: self._change())
        self.closed.toggled.connect(lambda _on: self._change())

    def _move(self, by: int) -> None:
        at = self.list.currentRow()
        self.list.setCurrentRow(at + by)
        self.edited.emit(MoveKey(at, at + by))

    def _change(self) -> None:
        seconds, closed = float(self.seconds.box.value()), self.closed.isChecked()
        self.edited.emit(ChangePath(seconds, closed))

    def _judge(self) -> None:
        at, count = self.list.currentRow(), len(self._path.keys)
        self.tools["change"].setEnabled(at >= 0)
        self.tools["remove"].setEnabled(at >= 0)
        self.tools["up"].setEnabled(at > 0)
        self.tools["down"].setEnabled(0 <= at < count - 1)
        self.play.setEnabled(count > 1)
        for widget in (self.seconds, self.closed):
            widget.setEnabled(count > 1)
