"""Objects changed by words, in a process of their own: each a step that can be undone."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QWidget

from app.commands.models import WEIGHTS, Job
from app.engine.desk import Desk, Errand
from app.engine.engine import Engine, EngineState
from app.engine.events import Failed
from app.jobs.rework import change_by_words
from app.jobs.values import WordsWish
from app.memories import Memories
from core.gaussians.arrays import SplatArrays
from core.pipeline.settings import AUTO, NONE
from core.progress import Progress
from core.scene.cuts import Relabel, relabels
from core.scene.document import Document
from core.scene.movable import before_words, labelled, own_name
from core.scene.object_edits import RestoreObject, ReworkObject
from core.scene.reworks import Rework
from widgets.panels.banner import Notice
from widgets.panels.prior_words import Words, WordsDialog

translate = QCoreApplication.translate
STEPS = 1500
TAUGHT = "objects by words"  # of the models that can do it


class Wording(QObject):
    """Knows the document and the process that changes objects, one at a time.

    `ask` puts the question; None where it is taken back.
    """

    working = Signal(str, float)  # words, the part done (below 0: not known); "" when at rest
    changed = Signal()
    noticed = Signal(object)  # Notice

    def __init__(
        self, document: Document, memory: Memories, parent: QWidget, compare: Callable[[], None]
    ) -> None:
        super().__init__()
        self._document, self._memory, self._parent = document, memory, parent
        self._compare = compare
        self._desk = Desk(Engine("words"))
        self.ask: Callable[[str, str], Words | None] = self._asked
        self.running: int | None = None  # the id of the object that is being changed
        self.device = memory.preferences.device

    def poll(self) -> None:
        """Hear how far it is; called often."""
        if self._desk.engine.state is not EngineState.CLOSED:
            self._desk.poll()

    def close(self) -> None:
        """End the process."""
        self._desk.engine.close()

    def can_change(self, id_: int) -> bool:
        """Whether the scene has Gaussians of that object."""
        return self.running is None and id_ > 0 and self._there(id_)

    def _there(self, id_: int) -> bool:
        splats = labelled(self._document.state)
        return splats is not None and bool((splats.object_id == id_).any())

    def begin(self, id_: int) -> None:
        """Ask what the object is to be, and have it made so; while one is made: stop that."""
        if self.running is not None:
            self.stop()
            return
        state = self._document.state
        splats = before_words(state, id_)
        if not self.can_change(id_) or splats is None:
            problem = translate("Wording", "The scene has nothing of this object yet.")
            hint = translate("Wording", "Mark it in a few photos and build first.")
            self.noticed.emit(Notice(problem, hint))
            return
        said = self.ask(own_name(state, id_), self._place())
        if said is None:
            return
        wish = WordsWish(
            id_, said.words, said.place, keep_shape=said.keep_shape, iterations=said.iterations,
            device=self.device,
        )  # fmt: skip
        self._run(wish, splats, relabels(state.plan.layout.cuts))

    def stop(self) -> None:
        """Leave the object as it is."""
        self._desk.cancel()

    def restore(self, id_: int) -> None:
        """Let the object be as the photos have it again."""
        self._document.commit(RestoreObject(id_))

    def _run(self, wish: WordsWish, splats: SplatArrays, told: tuple[Relabel, ...]) -> None:
        if self._desk.engine.state is EngineState.CLOSED:
            self._desk.engine.start()
        stage = translate("Wording", "Changing to “{words}”").format(words=wish.words)
        found: list[Rework] = []

        def hear(value: object) -> None:
            if isinstance(value, Progress):
                self.working.emit(stage, value.done / value.total if value.total else -1.0)
            elif isinstance(value, Rework):
                found.append(replace(value, relabels=told))

        def rested() -> None:
            self.running = None
            self.working.emit("", -1.0)
            self.changed.emit()

        def done() -> None:
            rested()
            if found and self._there(wish.object_id):
                self._document.commit(ReworkObject(found[0]))
                said = translate("Wording", "It is “{words}” now.").format(words=wish.words)
                compare = translate("Wording", "Compare with before")
                self.noticed.emit(Notice(said, kind="info", actions=((compare, self._compare),)))

        def failed(event: Failed) -> None:
            rested()
            self.noticed.emit(Notice(event.problem, event.hint, event.log))

        self.running = wish.object_id
        self.working.emit(stage, -1.0)
        self.changed.emit()
        self._desk.ask(Errand(change_by_words, (wish,), splats, hear, done, failed))

    def _asked(self, name: str, place: str) -> Words | None:
        dialog = WordsDialog(name, place, STEPS, self._parent)
        return dialog.answer() if dialog.exec() else None

    def _place(self) -> str:
        """Where a network may be that can do it: the project's prior, or one that was named."""
        prior = self._document.state.plan.settings.prior
        if prior not in (AUTO, NONE):
            return prior
        models: dict[str, Path] = dict(self._memory.preferences.models)
        for each in WEIGHTS:
            if each.job is Job.PRIOR and TAUGHT in each.for_ and each.name in models:
                return str(models[each.name])
        return ""
