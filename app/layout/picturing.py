"""Objects made whole from their pictures, in the window: who makes them, and what comes of it."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.dialogs import Dialogs
from app.jobs.pictured import PicturedWish, complete_pictured
from app.layout.completing import Completing
from app.layout.making import Making
from app.memories import Memories
from core.gaussians.arrays import SplatArrays
from core.scene.addition_edits import Add
from core.scene.additions import Addition, free_id
from core.scene.cuts import relabelled
from core.scene.document import Document
from core.scene.edits import Edit
from core.scene.layout_edits import Delete, Together
from core.segment.labels import Role
from widgets.panels.banner import Notice

translate = QCoreApplication.translate
DOUBTFUL = 0.15  # Dice loss: outlines that fit worse are told of
LABEL = "Complete from its picture"


class Picturing(QObject):
    """Knows the document, who makes things, and what is chosen."""

    noticed = Signal(object)  # Notice

    def __init__(self, document: Document, making: Making, completing: Completing) -> None:
        super().__init__()
        self._document, self._making, self._completing = document, making, completing

    def chosen(self) -> int | None:
        """The captured object that is chosen, if it is one alone that masks show."""
        id_ = self._completing.chosen()
        masks = self._document.state.plan.masks.photos.values()
        return id_ if id_ is not None and any(id_ in mask.ids() for mask in masks) else None

    def complete(self, memory: Memories, dialogs: Dialogs) -> None:
        """Make what is chosen whole by the network that is remembered, or one that is named now."""
        maker = memory.preferences.maker
        if not maker or (Path(maker).is_absolute() and not Path(maker).exists()):
            found = dialogs.network_folder(translate("Picturing", "Shap-E, or another maker"))
            if found is None:
                return
            maker = str(found)
            memory.choose("maker", maker)
        wish = self._wish(maker, memory.preferences.editor)
        state = self._document.state
        if wish is None or not isinstance(state.base, SplatArrays):
            return

        def then(value: object) -> None:
            addition = getattr(value, "addition", None)
            if isinstance(addition, Addition):
                self._put(addition, wish, bool(value.replaces), float(value.dice))  # type: ignore[attr-defined]

        words = translate("Picturing", "Completing {name}").format(name=wish.name)
        scene = relabelled(state.base, state.plan.layout.cuts)
        self._making.ask(words, complete_pictured, (wish,), scene, then)

    def _wish(self, maker: str, editor: str) -> PicturedWish | None:
        state, id_ = self._document.state, self.chosen()
        if id_ is None or state.reconstruction is None:
            return None
        plan = state.plan
        names = {each.id: each.name for each in plan.masks.objects}
        photos = plan.capture.photos if plan.capture is not None else ()
        return PicturedWish(
            object_id=id_,
            name=names.get(id_, ""),
            placed=state.reconstruction.photos,
            photos={each.name: each for each in photos},
            masks=dict(plan.masks.photos),
            floor=tuple(e.id for e in plan.masks.objects if e.role is Role.FLOOR),
            ground=plan.layout.ground.scene_from_capture,
            new_id=free_id(plan.additions),
            maker=maker,
            editor=editor,
        )

    def _put(self, addition: Addition, wish: PicturedWish, replaces: bool, dice: float) -> None:
        if not len(addition.splats):
            words = translate("Picturing", "Photos leave nothing of it open.")
            self.noticed.emit(Notice(words, kind="info"))
            return
        edits: tuple[Edit, ...] = (Add(addition),)
        if replaces:
            addition = replace(addition, name=wish.name or addition.name)
            layout = self._document.state.plan.layout
            placed = tuple(each.id for each in layout.of_objects((wish.object_id,)))
            edits = (Add(addition), Delete(placed))
        self._document.commit(Together(LABEL, edits))
        if replaces:
            self._document.show(placed=addition.objects)
        words = translate("Picturing", "{name} is whole; what no photo shows is made up.")
        hint = ""
        if dice > DOUBTFUL:
            hint = translate("Picturing", "Its outlines do not fit well: look whether it is right.")
        named = wish.name or translate("Picturing", "The object")
        self.noticed.emit(Notice(words.format(name=named), hint, kind="info"))
