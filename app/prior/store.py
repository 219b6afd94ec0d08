"""Models in the window: which are here and used, downloads in a process of their own."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.commands.models import (
    BUILT_IN,
    BY_NAME,
    WEIGHTS,
    Job,
    Weights,
    begun,
    downloaded,
    hub_cache,
    licence,
)
from app.dialogs import Dialogs
from app.engine.desk import Desk, Errand
from app.engine.engine import Engine, EngineState
from app.engine.events import Failed
from app.masks.masking import Masking
from app.memories import Memories
from app.prior.download import Download, download_model
from core.progress import Progress
from core.scene.document import Document
from core.scene.edits import ChangeSettings
from widgets.panels.banner import Notice
from widgets.panels.models_page import ModelGroup, ModelRow, ModelsPage

translate = QCoreApplication.translate
# Jobs of which the user says who does them; what of these stands in the settings of a scene.
IN_SETTINGS = {Job.PRIOR: "prior", Job.DEPTH: "depth", Job.HIDDEN: "fill"}
# And what of them is remembered from one start to the next, by its name there.
REMEMBERED = {Job.OBJECTS: "maker", Job.EDITS: "editor", Job.DRAWING: "drawer"}
CHOSEN = (Job.MASKS, Job.WORDS, *IN_SETTINGS, *REMEMBERED)
ONE_FILE = (Job.MASKS, Job.HIDDEN)  # jobs whose networks may lie in a file alone


@dataclass
class _Running:
    """A download that runs or waits."""

    name: str
    done: float = 0.0
    total: float = 0.0


class ModelStore(QObject):
    """Knows what is remembered, who uses models, and the process that downloads them."""

    changed = Signal()
    noticed = Signal(object)  # Notice

    def __init__(
        self, document: Document, masking: Masking, memory: Memories, dialogs: Dialogs
    ) -> None:
        super().__init__()
        self._document, self._masking, self._memory = document, masking, memory
        self._dialogs = dialogs
        self._desk = Desk(Engine("models"))
        self._running: _Running | None = None
        self.endpoint: str | None = None  # another hub than the usual one
        document.changed.connect(lambda _old, _new: self.changed.emit())
        masking.opened.connect(lambda _place: self.changed.emit())
        masking.words.opened.connect(lambda _place: self.changed.emit())

    def poll(self) -> None:
        """Hear how far a download is; called often."""
        if self._desk.engine.state is not EngineState.CLOSED:
            self._desk.poll()

    def close(self) -> None:
        """End the process; what has come of a download stays."""
        self._desk.engine.close()

    def place(self, each: Weights) -> str:
        """Where the model is: a folder or file that was named, the hub's name; "" for nowhere."""
        told = self._memory.preferences.models.get(each.name)
        if told is not None and told.exists():
            return str(told)
        return each.name if downloaded(each.name) and not begun(each.name) else ""

    def used(self, each: Weights) -> bool:
        """Whether it does its job now."""
        place = self.place(each)
        if not place:
            return False
        if each.job is Job.MASKS:
            return self._masking.place == place
        if each.job is Job.WORDS:
            return self._masking.words.place == place
        if each.job in REMEMBERED:
            return bool(getattr(self._memory.preferences, REMEMBERED[each.job]) == place)
        name = IN_SETTINGS.get(each.job)
        return name is not None and getattr(self._document.state.plan.settings, name) == place

    def groups(self) -> tuple[ModelGroup, ...]:
        """All that there is to show."""
        titles = {
            Job.MASKS: translate("Models", "Masks"),
            Job.WORDS: translate("Models", "Masks by words"),
            Job.PRIOR: translate("Models", "Prior: what no photo shows"),
            Job.LIKENESS: translate("Models", "Likeness of pictures"),
            Job.DEPTH: translate("Models", "Depth of one photo"),
            Job.HIDDEN: translate("Models", "What is hidden in one photo"),
            Job.OBJECTS: translate("Models", "Objects from their pictures"),
            Job.EDITS: translate("Models", "Pictures of objects completed"),
            Job.DRAWING: translate("Models", "Pictures from words"),
            Job.CAPTIONS: translate("Models", "Words for pictures (on the command line)"),
        }
        return tuple(
            ModelGroup(
                titles[job], BUILT_IN[job], tuple(self._row(w) for w in WEIGHTS if w.job is job)
            )
            for job in Job
        )

    def allow(self, downloads: bool) -> None:
        """Whether the hub may be asked for anything; a download that runs is stopped."""
        self._memory.allow_downloads(downloads)
        if not downloads and self._running is not None:
            self.stop(self._running.name)
        self.changed.emit()

    def fetch(self, name: str) -> None:
        """Download a model, once the user has agreed."""
        each = BY_NAME[name]
        if self._running is not None or not self._memory.preferences.downloads:
            return
        question = translate("Models", "Download {name}?").format(name=name)
        explained = translate(
            "Models", "{size} from huggingface.co, under this licence: {licence}."
        ).format(size=each.size, licence=licence(each))
        if not self._dialogs.sure(question, explained, translate("Models", "Download")):
            return
        self._running = running = _Running(name)
        if self._desk.engine.state is EngineState.CLOSED:
            self._desk.engine.start()

        def hear(value: object) -> None:
            if isinstance(value, Progress):
                running.done, running.total = value.done, value.total
                self.changed.emit()

        def rested(say: Callable[[], None]) -> None:
            self._running = None
            self.changed.emit()
            say()

        def done() -> None:
            whole = running.total > 0 and running.done >= running.total
            rested(lambda: self._tell_whole(name) if whole else None)

        def failed(event: Failed) -> None:
            rested(lambda: self.noticed.emit(Notice(event.problem, event.hint, event.log)))

        wish = Download(name, each.files, hub_cache(), self.endpoint)
        self._desk.ask(Errand(download_model, (wish,), None, hear, done, failed))
        self.changed.emit()

    def stop(self, name: str) -> None:
        """Stop the download; what has come stays."""
        if self._running is not None and self._running.name == name:
            self._desk.cancel()

    def use(self, name: str) -> None:
        """Let a model that is here do its job."""
        each = BY_NAME[name]
        place = self.place(each)
        if place and each.job is Job.MASKS:
            self._masking.use(place)
        elif place and each.job is Job.WORDS:
            self._masking.words.use(place)
        elif place and each.job in REMEMBERED:
            self._memory.choose(REMEMBERED[each.job], place)
        elif place and each.job in IN_SETTINGS:
            changed = {IN_SETTINGS[each.job]: place}
            settings = replace(self._document.state.plan.settings, **changed)  # type: ignore[arg-type]
            label = translate("Models", "Change prior")
            if each.job is not Job.PRIOR:
                label = translate("Models", "Change network")
            self._document.commit(ChangeSettings(settings, label))
        self.changed.emit()

    def point(self, name: str) -> None:
        """Ask where the user has it."""
        file = not BY_NAME[name].on_the_hub and BY_NAME[name].job in ONE_FILE
        dialogs = self._dialogs
        found = dialogs.network_file(name) if file else dialogs.network_folder(name)
        if found is not None:
            self._memory.note_model(name, Path(found))
            self.use(name)
            self.changed.emit()

    def _row(self, each: Weights) -> ModelRow:
        place = self.place(each)
        running = self._running if self._running and self._running.name == each.name else None
        memory = translate("Models", "{size} of memory").format(size=each.memory)
        about = " · ".join((each.for_, each.size, memory, licence(each)))
        part = None
        if running is not None:
            part = running.done / running.total if running.total else 0.0
        return ModelRow(
            each.name,
            about,
            self._standing(each, place, running),
            good=bool(place),
            part=part,
            fetch=self._offer(each, place),
            use=bool(place) and each.job in CHOSEN and not self.used(each),
        )

    def _standing(self, each: Weights, place: str, running: _Running | None) -> str:
        if running is not None:
            if not running.total:
                return translate("Models", "asking the hub")
            told = translate("Models", "{done} of {total} GB")
            return told.format(done=f"{running.done / 1e9:.2f}", total=f"{running.total / 1e9:.2f}")
        if self.used(each):
            return translate("Models", "in use")
        if place:
            return translate("Models", "here")
        return translate("Models", "begun") if begun(each.name) else translate("Models", "not here")

    def _offer(self, each: Weights, place: str) -> str:
        allowed = self._memory.preferences.downloads and self._running is None
        if place or not each.on_the_hub or not allowed:
            return ""
        if begun(each.name):
            return translate("Models", "Resume")
        return translate("Models", "Download")

    def _tell_whole(self, name: str) -> None:
        words = translate("Models", "{name} is here.").format(name=name)
        self.noticed.emit(Notice(words, kind="info"))


def show_page(store: ModelStore, memory: Memories, page: ModelsPage) -> None:
    """Connect the page with the store, and show it."""

    def show() -> None:
        page.show_models(
            store.groups(), downloads=memory.preferences.downloads, place=str(hub_cache())
        )

    page.fetch_wanted.connect(store.fetch)
    page.stop_wanted.connect(store.stop)
    page.use_wanted.connect(store.use)
    page.point_wanted.connect(store.point)
    page.downloads_allowed.connect(store.allow)
    store.changed.connect(show)
    page.finished.connect(lambda _result: store.changed.disconnect(show))
    show()
    page.show()
