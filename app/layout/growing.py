"""Growing the scene beyond its photos, step by step: each is shown, then kept, redone or left."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.jobs.growing import GrowWish, StepShown, grow_step
from app.layout.making import Making
from core.capture.reconstruction import PlacedPhoto
from core.gaussians.arrays import SplatArrays
from core.pipeline.settings import AUTO, NONE
from core.scene.addition_edits import Add, TakeOut
from core.scene.additions import Addition
from core.scene.cuts import applied
from core.scene.document import Document
from core.scene.movable import object_ids
from core.single.paths import Growth, Path
from widgets.panels.banner import Notice

translate = QCoreApplication.translate


@dataclass(frozen=True, eq=False)
class Walk:
    """Where a path stands: the next camera is `first`; `all` steps are kept unasked."""

    path: Path
    first: int = 0
    seed: int = 0
    all: bool = False


class Growing(QObject):
    """Knows the document and who makes things."""

    noticed = Signal(object)  # Notice
    asked = Signal(object)  # Notice that waits for an answer
    answered = Signal(object)

    def __init__(self, document: Document, making: Making) -> None:
        super().__init__()
        self._document, self._making = document, making
        self._shown: tuple[Addition, Walk, Notice] | None = None
        document.changed.connect(self._look)

    def possible(self) -> bool:
        """Whether there is a scene with a photo to begin at, and nothing waits for an answer."""
        state = self._document.state
        placed = state.reconstruction is not None and bool(state.reconstruction.photos)
        idle = self._shown is None and not self._making.busy
        return placed and isinstance(state.base, SplatArrays) and idle

    def begin(self, path: Path) -> None:
        """Go along `path` from the photo at hand, or the first; go on where it was left."""
        if self.possible():
            self._ask(Walk(path))

    def keep(self, *, all_: bool = False) -> None:
        """Keep the step that is shown, and make the next."""
        if self._shown is not None:
            addition, walk, _ = self._forget()
            self._document.commit(Add(addition))
            self._ask(replace(walk, first=walk.first + 1, all=all_))

    def again(self) -> None:
        """Make the step that is shown anew, otherwise."""
        if self._shown is not None:
            _, walk, _ = self._forget()
            self._document.commit(TakeOut(()))
            self._ask(replace(walk, seed=walk.seed + 1000))

    def stop(self) -> None:
        """Leave the step that is shown away, and make no other."""
        if self._shown is not None:
            self._forget()
            self._document.commit(TakeOut(()))

    def _forget(self) -> tuple[Addition, Walk, Notice]:
        assert self._shown is not None
        shown, self._shown = self._shown, None
        self.answered.emit(shown[2])
        return shown

    def _look(self, old: object, new: object) -> None:
        """Another edit, or another scene, has taken the place of what was shown."""
        if self._shown is not None:
            addition, _, _ = self._shown
            if all(each is not addition for each in self._document.state.plan.additions):
                self._forget()

    def _ask(self, walk: Walk) -> None:
        state = self._document.state
        content, placed = state.content, self._placed()
        if not isinstance(content, SplatArrays) or placed is None:
            return
        plan = state.plan
        ids, gone = applied(content, plan.layout.cuts)
        scene = replace(content, object_id=ids).rows(~gone)
        prior = "" if plan.settings.prior in (AUTO, NONE) else plan.settings.prior
        wish = GrowWish(
            Growth(walk.path, walk.seed, prior, plan.settings.depth, plan.settings.fill),
            placed,
            plan.layout.ground.scene_from_capture,
            object_ids(state),
            walk.first,
        )
        words = translate("Growing", "Growing the scene: {path}").format(path=path_words(walk.path))

        def then(value: object) -> None:
            if isinstance(value, StepShown) and self._document.state.plan is plan:
                self._came(value, walk)

        self._making.ask(words, grow_step, (wish,), scene, then)

    def _came(self, step: StepShown, walk: Walk) -> None:
        if step.words:
            self.noticed.emit(Notice(step.words, kind="info"))
        if step.addition is None:
            words = translate("Growing", "Nothing more is to be seen that way.")
            self.noticed.emit(Notice(words, kind="info"))
            return
        walk = replace(walk, first=step.number)
        if walk.all:
            self._document.commit(Add(step.addition))
            self._ask(replace(walk, first=walk.first + 1))
            return
        words = translate("Growing", "Step {number} of {total} has painted {share} % of a picture.")
        notice = Notice(
            words.format(number=step.number + 1, total=step.total, share=round(100 * step.share)),
            translate("Growing", "It is shown, and not kept yet."),
            kind="info",
            actions=(
                (translate("Growing", "Keep"), self.keep),
                (translate("Growing", "Keep all"), lambda: self.keep(all_=True)),
                (translate("Growing", "Another"), self.again),
                (translate("Growing", "Stop"), self.stop),
            ),
        )
        self._shown = (step.addition, walk, notice)
        self._document.preview(Add(step.addition))
        self.asked.emit(notice)

    def _placed(self) -> PlacedPhoto | None:
        state = self._document.state
        photos = state.reconstruction.photos if state.reconstruction is not None else ()
        chosen = [each for each in photos if each.name == state.selected] or list(photos)
        return chosen[0] if chosen else None


def path_words(path: Path) -> str:
    """What a path is called."""
    return {
        Path.LOOK_AROUND: translate("Growing", "look around"),
        Path.TURN_AROUND: translate("Growing", "turn around"),
        Path.STEP_IN: translate("Growing", "step in"),
    }[path]
