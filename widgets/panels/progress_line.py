"""The line at the bottom: what is being done, how far it is, and buttons to hold or end it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from widgets import icons
from widgets.guard import guarded
from widgets.panels.activity import Activity, facts, fraction, headline
from widgets.panels.parts import Eliding, Panel, beside_icon, button, label, named, row

STEPS = 1000
STEP_PX = 48
BETWEEN = "  ·  "


class ProgressLine(Panel):
    """Shows an `Activity`. The buttons are always there, and work while there is work."""

    pause_wanted = Signal()
    resume_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("progress", parent)
        self._activity = Activity()
        self.head = Eliding(role="strong")
        self.facts = FactLine(role="soft")
        self.facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        self.bar.setMinimumWidth(70)
        self.bar.setMaximumWidth(260)
        named(self.bar, self.tr("Progress"))
        self.percent = label("", "soft")
        self.percent.setMinimumWidth(self.percent.fontMetrics().horizontalAdvance("100 %"))
        self.pause = button(
            self.tr("Pause"), self.tr("Hold the work; nothing is lost"), icon="pause"
        )
        self.pause.clicked.connect(self._pause_or_resume)
        self.stop = button(
            self.tr("Stop"), self.tr("End the work and keep what it has reached"), icon="stop"
        )
        self.stop.clicked.connect(self.stop_wanted)
        wide = max(
            self.pause.sizeHint().width(),
            button(self.tr("Resume"), "", icon="resume").sizeHint().width(),
        )
        self.pause.setFixedWidth(wide)
        line = row(self.head, self.bar, self.percent, 4, self.facts, 4, self.pause, self.stop)
        for thing, share in ((self.head, 4), (self.bar, 3), (self.facts, 9)):
            line.setStretchFactor(thing, share)
        line.setContentsMargins(12, 6, 8, 6)
        self.setLayout(line)
        self.show_activity(self._activity)

    @property
    def activity(self) -> Activity:
        return self._activity

    def show_activity(self, activity: Activity) -> None:
        """Show this moment of the work."""
        self._activity = activity
        self.head.show_text(headline(activity))
        self.facts.show_facts(facts(activity))
        self._show_bar(activity)
        paused = activity.running and activity.paused
        self.pause.setText(beside_icon(self.tr("Resume") if paused else self.tr("Pause")))
        self._dress_pause("resume" if paused else "pause")
        self.pause.setEnabled(activity.running and activity.pausable)
        self.stop.setEnabled(activity.running and activity.stoppable)

    def _show_bar(self, activity: Activity) -> None:
        done = fraction(activity)
        unknown = activity.running and done is None and not activity.paused
        self.bar.setEnabled(activity.running)
        # A range of nothing moves to and fro, which says "working, no end in sight".
        self.bar.setRange(0, 0 if unknown else STEPS)
        if not unknown:
            self.bar.setValue(round(STEPS * (done or 0.0)) if activity.running else 0)
        shown = activity.running and done is not None
        self.percent.setText(f"{100 * (done or 0.0):.0f} %" if shown else "")

    def _dress_pause(self, icon: str) -> None:
        if self.pause.property("worn") != icon:
            self.pause.setProperty("worn", icon)
            icons.dress(self.pause, icon)
            resume = icon == "resume"
            named(
                self.pause,
                self.tr("Resume") if resume else self.tr("Pause"),
                self.tr("Go on with the work")
                if resume
                else self.tr("Hold the work; nothing is lost"),
            )

    def _pause_or_resume(self) -> None:
        if self._activity.paused:
            self.resume_wanted.emit()
        else:
            self.pause_wanted.emit()


class FactLine(Eliding):
    """As many facts as fit, whole; the tooltip has them all."""

    def __init__(self, role: str) -> None:
        super().__init__("", role)
        self._facts: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_facts(self, facts: tuple[str, ...]) -> None:
        if facts != self._facts:
            self._facts = facts
            wide = self.fontMetrics().horizontalAdvance(self.whole())
            # In steps, lest all that is to the left of it trembles with each digit.
            self.setMaximumWidth(STEP_PX * -(-wide // STEP_PX))
            self._fit()

    def _fit(self) -> None:
        shown = self._facts
        while shown and self.fontMetrics().horizontalAdvance(BETWEEN.join(shown)) > self.width():
            shown = shown[:-1]
        self.show_text(BETWEEN.join(shown))
        self.setAccessibleName(BETWEEN.join(self._facts))

    def whole(self) -> str:
        return BETWEEN.join(self._facts)

    @guarded
    def resizeEvent(self, event: QResizeEvent) -> None:
        Eliding.resizeEvent(self, event)
        self._fit()
