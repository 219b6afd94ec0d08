"""Long work on masks: carried over to other photos, read from files and written to them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.engine.desk import Desk, Errand
from app.engine.events import Failed
from app.jobs.kinds import Carried, ObjectIds, carry_masks, export_mask_files, import_mask_files
from core.gaussians.arrays import SplatArrays
from core.progress import Progress
from core.scene.document import Document
from core.scene.mask_edits import ImportMasks, TakePropagated
from core.scene.plan import names
from core.segment.labels import PhotoMask, Standing
from core.segment.mask_export import MaskFormat
from core.segment.mask_import import Imported
from widgets.panels.banner import Notice

translate = QCoreApplication.translate
NAMED_AT_MOST = 5


class MaskWork(QObject):
    """Knows the document, the desk that all share, and the segmenter's, which `start` wakes."""

    working = Signal(str, float)  # words, the part done; "" when at rest
    noticed = Signal(object)  # Notice
    changed = Signal()  # whether masks are being carried over

    def __init__(
        self, document: Document, desk: Desk, segmenter: Desk, start: Callable[[], None]
    ) -> None:
        super().__init__()
        self._document, self._desk, self._segmenter = document, desk, segmenter
        self._start = start
        self.carrying = False

    def can_carry(self) -> bool:
        """Whether there is a scene, and a mask of the user's."""
        state = self._document.state
        masks = state.plan.masks.photos.values()
        scene = isinstance(state.content, SplatArrays) and state.reconstruction is not None
        return scene and any(mask.standing is Standing.USER for mask in masks)

    def carry(self) -> None:
        """Carry the user's masks over to all photos that have a place in the scene.

        While that is done already: end it, with the photos that were reached.
        """
        if self.carrying:
            current = self._segmenter.current
            if current is not None and current.function is carry_masks:
                self._segmenter.engine.stop()
            return
        state = self._document.state
        plan, splats = state.plan, state.base
        if not self.can_carry() or plan.capture is None or not isinstance(splats, SplatArrays):
            return
        given: dict[str, PhotoMask] = {}

        def hear(value: object) -> None:
            if isinstance(value, Carried):
                given[value.name] = value.mask
            elif isinstance(value, ObjectIds) and self._document.state.base is splats:
                # Else it was trained further meanwhile, and these are other Gaussians.
                self._document.show(content=replace(splats, object_id=value.ids))

        def done() -> None:
            there = names(self._document.state.plan)
            known = {name: mask for name, mask in given.items() if name in there}
            self._document.commit(TakePropagated(known))
            self._tell_carried(known)

        self._start()
        self.carrying = True
        self.changed.emit()
        words = translate("Masking", "Carrying masks over")
        args = (plan.capture, state.reconstruction, plan.masks)
        self._work(words, carry_masks, args, hear, done, self._segmenter, splats)

    def import_from(self, path: Path) -> None:
        """Take masks from a folder or a file; those of the same photos give way."""
        plan = self._document.state.plan
        if plan.capture is None:
            return
        found: list[Imported] = []

        def hear(value: object) -> None:
            if isinstance(value, Imported):
                found.append(value)

        def done() -> None:
            if found:
                self._document.commit(ImportMasks(found[0].objects, found[0].masks))
                self._tell_imported(found[0])

        words = translate("Masking", "Reading masks")
        self._work(words, import_mask_files, (path, plan.capture, plan.masks), hear, done)

    def export_to(self, path: Path, form: MaskFormat) -> None:
        """Write all masks to `path`."""
        plan = self._document.state.plan
        if plan.capture is None:
            return

        def done() -> None:
            said = translate("Masking", "The masks of {count} photos were written to {name}.")
            words = said.format(count=len(plan.masks.photos), name=path)
            self.noticed.emit(Notice(words, kind="info"))

        words = translate("Masking", "Writing masks")
        args = (path, form, plan.capture, plan.masks)
        self._work(words, export_mask_files, args, lambda value: None, done)

    def _work(
        self,
        words: str,
        function: Callable[..., object],
        args: tuple[object, ...],
        hear: Callable[[object], None],
        done: Callable[[], None],
        desk: Desk | None = None,
        splats: SplatArrays | None = None,
    ) -> None:
        """An errand whose progress is told, of the desk that all share or of another."""

        def heard(value: object) -> None:
            if isinstance(value, Progress):
                self.working.emit(words, value.done / value.total if value.total > 0 else -1.0)
            else:
                hear(value)

        def ended() -> None:
            self._rest(function)
            self.working.emit("", -1.0)
            done()

        def failed(event: Failed) -> None:
            self._rest(function)
            self.working.emit("", -1.0)
            self.noticed.emit(Notice(event.problem, event.hint, event.log))

        self.working.emit(words, -1.0)
        errand = Errand(function, args, splats, heard, ended, failed)  # type: ignore[arg-type]
        (desk or self._desk).ask(errand)

    def _rest(self, function: Callable[..., object]) -> None:
        if function is carry_masks:
            self.carrying = False
            self.changed.emit()

    def _tell_carried(self, given: Mapping[str, PhotoMask]) -> None:
        doubtful = sum(mask.standing is Standing.DOUBTFUL for mask in given.values())
        said = translate("Masking", "Masks of {count} photos follow yours.")
        words = said.format(count=len(given))
        if doubtful:
            hint = translate("Masking", "{count} are doubtful: look at those first.")
            told = hint.format(count=doubtful)
            self.noticed.emit(Notice(words, told, kind="warning"))
        else:
            self.noticed.emit(Notice(words, kind="info"))

    def _tell_imported(self, found: Imported) -> None:
        said = translate("Masking", "Masks of {count} photos were imported.")
        words = said.format(count=len(found.masks))
        if not found.unmatched:
            self.noticed.emit(Notice(words, kind="info"))
            return
        first = ", ".join(found.unmatched[:NAMED_AT_MOST])
        hint = translate("Masking", "{count} are for no photo here: {names}")
        told = hint.format(count=len(found.unmatched), names=first)
        self.noticed.emit(Notice(words, told, kind="warning"))
