"""What went wrong or needs saying, at the top: what happened, what to do, a button that does it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QFontDatabase, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from widgets import icons
from widgets.panels.parts import button, column, icon_button, label, mark, named, row

try:
    from PySide6.QtGui import QAccessibleAnnouncementEvent
except ImportError:  # of later PySide6 only
    QAccessibleAnnouncementEvent = None  # type: ignore[assignment,misc]

SHOWN = 3  # at once; more wait until one is closed
LOG_LINES = 9
Actions = Sequence[tuple[str, Callable[[], object]]]


@dataclass(frozen=True)
class Notice:
    """One thing to say. `kind`: "error", "warning" or "info"; `log`: lines behind a fold."""

    problem: str
    hint: str = ""
    log: str = ""
    kind: str = "error"
    actions: tuple[tuple[str, Callable[[], object]], ...] = ()

    def same(self, other: "Notice") -> bool:
        return (self.problem, self.hint, self.kind) == (other.problem, other.hint, other.kind)


class Banner(QWidget):
    """A stack of notices, the newest on top; nothing at all while there is none."""

    closed = Signal(str)  # the problem of the notice that was closed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[Notice] = []
        self.boxes: list[NoticeBox] = []
        self._stack = QVBoxLayout(self)
        self._stack.setContentsMargins(8, 8, 8, 0)
        self._stack.setSpacing(6)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.activated.connect(self.close_newest)
        # Somebody else's Esc waits until the notices are gone.
        self._escape.activatedAmbiguously.connect(self.close_newest)
        self._update()

    def show_problem(
        self,
        problem: str,
        hint: str = "",
        log: str = "",
        actions: Actions = (),
        kind: str = "error",
    ) -> None:
        """Say what happened and what to do; `actions`: a button's text and what it does."""
        self.show_notice(Notice(problem, hint, log, kind, tuple(actions)))

    def show_notice(self, notice: Notice) -> None:
        """As `show_problem`; what is said already is said once, with the newer log and buttons."""
        for box in self.boxes:
            if box.notice.same(notice):
                self._take_off(box)
                break
        self._waiting = [other for other in self._waiting if not other.same(notice)]
        if len(self.boxes) >= SHOWN:
            self._waiting.append(notice)
        else:
            self._put_up(notice)
        self._update()

    def close_newest(self) -> None:
        """Close the notice on top, as Esc does."""
        if self.boxes:
            self.close_notice(self.boxes[-1])

    def close_notice(self, box: "NoticeBox") -> None:
        if box in self.boxes:
            self._take_off(box)
            if self._waiting:
                self._put_up(self._waiting.pop(0))
            self._update()
            self.closed.emit(box.notice.problem)

    def take_back(self, notice: Notice) -> None:
        """Close `notice`, if it is still shown or waits."""
        self._waiting = [each for each in self._waiting if each is not notice]
        for box in [box for box in self.boxes if box.notice is notice]:
            self.close_notice(box)

    def clear(self) -> None:
        """Close all, told or not."""
        self._waiting.clear()
        for box in list(self.boxes):
            self._take_off(box)
        self._update()

    def _put_up(self, notice: Notice) -> None:
        box = NoticeBox(notice, self)
        box.dismissed.connect(lambda: self.close_notice(box))
        self.boxes.append(box)
        self._stack.insertWidget(0, box)
        box.show()
        _announce(box, f"{notice.problem} {notice.hint}".strip())

    def _take_off(self, box: "NoticeBox") -> None:
        self.boxes.remove(box)
        self._stack.removeWidget(box)
        box.hide()
        box.deleteLater()

    def _update(self) -> None:
        self._escape.setEnabled(bool(self.boxes))
        self.setVisible(bool(self.boxes))


class NoticeBox(QFrame):
    """One notice; `dismissed` when it is to go."""

    dismissed = Signal()

    ICONS: ClassVar[dict[str, str]] = {"error": "error", "warning": "warning", "info": "info"}

    def __init__(self, notice: Notice, parent: QWidget) -> None:
        super().__init__(parent)
        self.notice = notice
        self.setObjectName("notice")
        self.setProperty("kind", notice.kind)
        kinds = {
            "error": self.tr("Error"),
            "warning": self.tr("Warning"),
            "info": self.tr("Note"),
        }
        named(self, f"{kinds[notice.kind]}: {notice.problem} {notice.hint}".strip())
        sign = mark(self.ICONS[notice.kind], notice.kind, 20)
        self.problem = label(notice.problem, "strong", wraps=True)
        self.hint = label(notice.hint, "", wraps=True)
        for words in (self.problem, self.hint):
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hint.setVisible(bool(notice.hint))
        self.close_button = icon_button(
            self.tr("Close"), self.tr("Close this message (Esc)"), icon="close"
        )
        self.close_button.clicked.connect(self.dismissed)
        text = column(self.problem, self.hint, spacing=2)
        head = row(sign, text, 4, *self._buttons(), self.close_button)
        head.setAlignment(sign, Qt.AlignmentFlag.AlignTop)
        head.setAlignment(self.close_button, Qt.AlignmentFlag.AlignTop)
        head.setStretchFactor(text, 1)
        whole = column(head, spacing=4)
        whole.setContentsMargins(8, 8, 8, 8)
        self.setLayout(whole)
        if notice.log:
            self._add_log(whole)

    def _buttons(self) -> list[QWidget]:
        self.buttons = []
        for i, (text, action) in enumerate(self.notice.actions):
            answer = button(text, text, role="primary" if i == 0 else "")
            answer.clicked.connect(lambda _checked=False, act=action: self._do(act))
            self.buttons.append(answer)
        return list(self.buttons)

    def _do(self, action: Callable[[], object]) -> None:
        self.dismissed.emit()
        action()

    def _add_log(self, whole: QVBoxLayout) -> None:
        self.log = QPlainTextEdit(self.notice.log)
        self.log.setObjectName("log")
        self.log.setReadOnly(True)
        self.log.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.log.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.log.setTabChangesFocus(True)
        self.log.setFixedHeight(self.log.fontMetrics().lineSpacing() * LOG_LINES + 16)
        named(self.log, self.tr("Details"), self.tr("The last lines of the log"))
        self.fold = button(
            self.tr("Details"),
            self.tr("Show or hide the last lines of the log"),
            icon="chevron-right",
            role="fold",
        )
        self.fold.setCheckable(True)
        self.copy = button(
            self.tr("Copy"), self.tr("Copy the log to the clipboard"), icon="copy", role="fold"
        )
        self.copy.clicked.connect(
            lambda: QGuiApplication.clipboard().setText(self.log.toPlainText())
        )
        self.fold.toggled.connect(self._unfold)
        whole.addLayout(row(14, self.fold, self.copy, -1))
        whole.addWidget(self.log)
        self._unfold(False)

    def _unfold(self, open_: bool) -> None:
        icons.dress(self.fold, "chevron-down" if open_ else "chevron-right")
        self.log.setVisible(open_)
        self.copy.setVisible(open_)
        if open_:
            bar = self.log.verticalScrollBar()
            bar.setValue(bar.maximum())


def _announce(widget: QWidget, words: str) -> None:
    """Have a screen reader say `words` now."""
    if QAccessibleAnnouncementEvent is not None:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, words))
