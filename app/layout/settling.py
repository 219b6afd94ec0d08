"""Things put where they belong: where photos show them, or simply onto what is below."""

from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.jobs.making import SettleWish, settle_thing
from app.layout.making import Making
from core.gaussians.arrays import SplatArrays
from core.scene.cuts import relabelled
from core.scene.document import Document
from core.scene.layout import FIRST_INSERTED, Placement
from core.scene.layout_edits import Move
from core.scene.placing.settled import Settled
from core.segment.labels import PhotoMask, Role
from widgets.panels.banner import Notice

translate = QCoreApplication.translate
DOUBTFUL = 0.15  # Dice loss: outlines that fit worse are told of


class Settling(QObject):
    """Knows the document and who makes things."""

    noticed = Signal(object)  # Notice

    def __init__(self, document: Document, making: Making) -> None:
        super().__init__()
        self._document, self._making = document, making

    def shown(self) -> tuple[Placement, int] | None:
        """What is chosen, and the object that photos show in its place; None where none do.

        That is the thing itself; of a thing from elsewhere, the captured object that is chosen
        along with it.
        """
        state = self._document.state
        layout = state.plan.layout
        chosen = [layout.placement(id_) for id_ in state.placed]
        others = [each for each in chosen if each.object_id >= FIRST_INSERTED]
        own = [each for each in chosen if each.object_id < FIRST_INSERTED]
        if state.reconstruction is None or len(own) != 1 or len(others) > 1:
            return None
        label = own[0].object_id
        if not any(label in mask.ids() for mask in self._masks().values()):
            return None
        return (others or own)[0], label

    def settle(self) -> None:
        """Have what is chosen stand where photos show it."""
        found, state = self.shown(), self._document.state
        if found is None or state.reconstruction is None:
            return
        placement, label = found
        splats, plan = state.content, state.plan
        if not isinstance(splats, SplatArrays):
            return
        photos = plan.capture.photos if plan.capture is not None else ()
        floor = tuple(e.id for e in plan.masks.objects if e.role is Role.FLOOR)
        wish = SettleWish(
            placement.object_id,
            label,
            state.reconstruction.photos,
            {each.name: each for each in photos},
            self._masks(),
            floor,
            plan.layout.ground.scene_from_capture,
        )

        def then(value: object) -> None:
            if isinstance(value, Settled):
                self._settled(value, placement)

        words = translate("Settling", "Settling")
        scene = relabelled(splats, plan.layout.cuts)
        self._making.ask(words, settle_thing, (wish,), scene, then)

    def _masks(self) -> dict[str, PhotoMask]:
        return dict(self._document.state.plan.masks.photos)

    def _settled(self, found: Settled, placement: Placement) -> None:
        if not self._document.state.plan.layout.has(placement.id):
            return  # it was deleted meanwhile
        self._document.commit(Move({placement.id: found.pose}, "Settle"))
        if found.grounded:
            words = translate("Settling", "It stands on the floor where photos show it.")
        elif found.height is not None:
            words = translate("Settling", "It stands where photos show it, on what carries it.")
        else:
            words = translate("Settling", "It is where photos show it; nothing carries it.")
        hint = ""
        if found.dice > DOUBTFUL:
            hint = translate("Settling", "Its outlines do not fit well: look whether it is right.")
        self.noticed.emit(Notice(words, hint, kind="info"))
