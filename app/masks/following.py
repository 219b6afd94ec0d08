"""The scene's objects follow the masks as they are corrected, whether training goes on or not."""

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from app.building import Building
from app.engine.desk import Desk, Errand
from app.engine.events import Failed
from app.jobs.kinds import ObjectIds, follow_masks
from core.gaussians.arrays import SplatArrays
from core.scene.document import Document, State
from core.segment.labels import PhotoMask, Standing
from widgets.panels.banner import Notice

PAUSE_MS = 150  # after a change: the next stroke may follow at once


class Following(QObject):
    """Knows the document, the builder and the desk: who trains labels anew, else the desk does."""

    noticed = Signal(object)  # Notice

    def __init__(self, document: Document, building: Building, desk: Desk) -> None:
        super().__init__()
        self._document, self._building, self._desk = document, building, desk
        self._late = False  # whether a mask changed while a scene was built
        self._asked = self._again = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._follow)
        document.changed.connect(self._changed)
        building.ended.connect(self._ended)

    def _changed(self, old: State, new: State) -> None:
        photos = new.plan.masks.photos
        if photos is old.plan.masks.photos or new.content is not old.content:
            return  # nothing new, or another scene, which has objects of its own
        self._building.correct(changed_masks(old.plan.masks.photos, photos))
        self._late = self._building.running
        if not self._building.running or self._building.activity.paused:
            self._timer.start()

    def _ended(self) -> None:
        if self._late:  # perhaps too late for the builder to hear
            self._late = False
            self._timer.start()

    def _follow(self) -> None:
        """Have the desk say whose the Gaussians are that are shown."""
        state = self._document.state
        splats, places, photos = state.base, state.reconstruction, state.plan.masks.photos
        if not isinstance(splats, SplatArrays) or places is None:
            return
        given = {name: m for name, m in photos.items() if m.standing is Standing.USER}
        if not given and not splats.object_id.any():
            return
        if self._asked:
            self._again = True
            return
        self._asked = True

        def hear(value: object) -> None:
            # It may have been trained further meanwhile: those are other Gaussians.
            same = self._document.state.base is splats
            if isinstance(value, ObjectIds) and same and (value.ids != splats.object_id).any():
                self._document.show(content=replace(splats, object_id=value.ids))

        def failed(event: Failed) -> None:
            self.noticed.emit(Notice(event.problem, event.hint, event.log))
            self._rested()

        args = (places.photos, given)
        self._desk.ask(Errand(follow_masks, args, splats, hear, self._rested, failed))

    def _rested(self) -> None:
        again, self._asked, self._again = self._again, False, False
        if again:
            self._follow()


def changed_masks(
    old: Mapping[str, PhotoMask], new: Mapping[str, PhotoMask]
) -> dict[str, PhotoMask]:
    """The masks of `new` that are not those of `old`; blank ones of photos that have none now."""
    changed = {name: mask for name, mask in new.items() if old.get(name) is not mask}
    gone = {name: mask for name, mask in old.items() if name not in new}
    return changed | {n: PhotoMask.blank(mask.height, mask.width) for n, mask in gone.items()}
