"""Two versions of a scene beside each other: the desk draws the other from where the view looks."""

from enum import Enum

from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.building import Building
from app.engine.desk import Desk, Errand
from app.engine.events import Failed
from app.jobs.rework import drawn_view
from app.jobs.values import DrawnView
from core.gaussians.arrays import SplatArrays
from core.pipeline.settings import NONE, Settings
from core.scene.document import Document, State
from core.scene.layout import Layout
from widgets.panels.banner import Notice
from widgets.viewport.beside import Beside, pinhole_of, resting_eye
from widgets.viewport.easel import same_eye
from widgets.viewport.eye import Eye
from widgets.viewport.widget import Viewport

translate = QCoreApplication.translate
LONGEST = 1000  # pixels, the longer side of a picture that is drawn to compare


class Other(Enum):
    """What the scene can be compared with."""

    NOTHING = "nothing"
    BUILT = "built"  # what stood there before the scene was built anew
    BEGUN = "begun"  # the scene as the prior found it when it began
    WORDS = "words"  # the scene without objects changed by words


class Comparison(QObject):
    """Keeps the other versions, and has the one chosen drawn whenever the view comes to rest."""

    noticed = Signal(object)  # Notice
    changed = Signal()

    def __init__(
        self, document: Document, building: Building, desk: Desk, viewport: Viewport
    ) -> None:
        super().__init__()
        self._document, self._desk, self._viewport = document, desk, viewport
        self._kept: dict[Other, tuple[SplatArrays, Settings]] = {}
        self._built: Settings | None = None  # by which the scene shown was made, as far as known
        self.chosen = Other.NOTHING
        self._asked: tuple[Eye, SplatArrays, Layout] | None = None
        self._waiting = False
        building.began.connect(self._began)
        building.imagined.connect(self._imagined)
        document.changed.connect(self._changed)
        viewport.looking_through.connect(self._forget)

    def version(self, other: Other) -> SplatArrays | None:
        """The Gaussians of that version, None where there is none."""
        state = self._document.state
        if other is Other.WORDS:
            return state.trained if isinstance(state.trained, SplatArrays) else None
        kept = self._kept.get(other)
        return kept[0] if kept is not None and state.content is not None else None

    def words(self, other: Other) -> str:
        """What it is, as the view says it."""
        if other is Other.WORDS:
            return translate("Compare", "Left: without changes by words")
        if other is Other.BEGUN:
            return translate("Compare", "Left: when the prior began")
        kept = self._kept.get(other)
        prior = kept[1].prior if kept is not None else NONE
        if prior == NONE:
            return translate("Compare", "Left: the scene before, built without a prior")
        return translate("Compare", "Left: the scene before, built with a prior")

    def choose(self, other: Other) -> None:
        """Compare with that version from now on."""
        self.chosen = other if self.version(other) is not None else Other.NOTHING
        self._forget()
        self.changed.emit()

    def poll(self) -> None:
        """Have the other version drawn where the view has come to rest; called often."""
        splats = self.version(self.chosen)
        if splats is None:
            if self.chosen is not Other.NOTHING:
                self.choose(Other.NOTHING)
            return
        eye = resting_eye(self._viewport)
        if eye is None or self._waiting or not self._viewport.isVisible():
            return
        layout, asked = self._document.state.plan.layout, self._asked
        if asked and same_eye(asked[0], eye) and asked[1] is splats and asked[2] is layout:
            return
        self._ask(eye, splats, layout)

    def _ask(self, eye: Eye, splats: SplatArrays, layout: Layout) -> None:
        self._asked, self._waiting = (eye, splats, layout), True
        words = self.words(self.chosen)
        shrink = max(1.0, max(eye.width, eye.height) / LONGEST)
        small = eye.resized(round(eye.width / shrink), round(eye.height / shrink))

        def hear(value: object) -> None:
            asked = self._asked
            if isinstance(value, DrawnView) and asked is not None and asked[0] is eye:
                self._viewport.show_beside(Beside.of(eye, value.pixels, words))

        def rested() -> None:
            self._waiting = False

        def failed(event: Failed) -> None:
            self._waiting = False
            self.choose(Other.NOTHING)
            self.noticed.emit(Notice(event.problem, event.hint, event.log))

        ground = self._viewport.options.background
        args = (pinhole_of(small), eye.camera_from_scene, ground, layout)
        self._desk.ask(Errand(drawn_view, args, splats, hear, rested, failed))

    def _forget(self, _: object = None) -> None:
        self._asked = None
        self._viewport.show_beside(None)

    def _began(self, anew: bool) -> None:
        state = self._document.state
        if anew and isinstance(state.base, SplatArrays):
            self._kept[Other.BUILT] = (state.base, self._built or state.plan.settings)
        if anew:
            self._kept.pop(Other.BEGUN, None)
            self._built = state.plan.settings
        if self.version(self.chosen) is None:
            self.choose(Other.NOTHING)

    def _imagined(self, _: object) -> None:
        """The first target: what training has shown until now had no prior."""
        state = self._document.state
        begun = state.step is not None and state.step.iteration > 0
        if begun and Other.BEGUN not in self._kept and isinstance(state.base, SplatArrays):
            self._kept[Other.BEGUN] = (state.base, state.plan.settings)
            self.changed.emit()

    def _changed(self, old: State, new: State) -> None:
        if new.plan.capture is not old.plan.capture and new.content is not old.content:
            self._kept.clear()  # another scene altogether
            self._built = None
            self.choose(Other.NOTHING)
        elif (old.trained is None) is not (new.trained is None):
            self.changed.emit()
