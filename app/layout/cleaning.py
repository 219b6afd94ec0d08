"""What is done to the Gaussians that are picked out: edits of the document, by region or rule."""

from PySide6.QtCore import QCoreApplication, QObject, Signal

from core.scene.choosing import crops, meant
from core.scene.cut_edits import Give, Merge, Split, stand_alike
from core.scene.document import Document
from core.scene.edits import Edit
from core.scene.layout import FIRST_INSERTED
from core.scene.layout_edits import Erase, Restore, Together
from core.scene.movable import labelled, movable, own_name, shown_placements
from core.scene.regions import Floaters, Region, reversed_in, rows_in
from widgets.panels.banner import Notice
from widgets.viewport.handles import Mode
from widgets.viewport.volume import region_of
from widgets.viewport.widget import Viewport

translate = QCoreApplication.translate


class Cleaning(QObject):
    """Knows the document and the view."""

    noticed = Signal(object)  # Notice

    def __init__(self, document: Document, viewport: Viewport) -> None:
        super().__init__(viewport)
        self._document, self._viewport = document, viewport

    @property
    def marked(self) -> Region | None:
        """What is picked out."""
        return self._document.state.marked

    def mark(self, region: Region | None) -> None:
        self._document.show(marked=region)

    def wanted(self, what: str) -> None:
        """What a button of the panel asks for."""
        does = {
            "erase": self.erase, "split": self.split, "invert": self.invert,
            "none": lambda: self.mark(None), "keep": self.keep, "reset": self.reset,
        }  # fmt: skip
        does[what]()

    def floaters(self, strength: float) -> None:
        """Pick out what likely floats, of what is chosen, else of all."""
        self._viewport.arranger.set_mode(Mode.SELECT)
        self.mark(Floaters(strength, self._inside()))

    def invert(self) -> None:
        """Pick out the others."""
        if self.marked is not None:
            self.mark(reversed_in(self.marked, self._inside()))

    def erase(self) -> None:
        """Take what is picked out away."""
        if self.marked is not None:
            self._commit(Erase(self.marked))

    def keep(self) -> None:
        """Take away all that is not in the box or sphere; it stands instead of one before it."""
        volume = self._viewport.selecting.volume
        if volume is None:
            return
        outside = meant(self._document.state, lambda where: region_of(volume, where, outside=True))
        before = Restore(crops(self._document.state.plan.layout.erased))
        self._commit(Together("Crop", (before, Erase(outside))))

    def cropped(self) -> bool:
        """Whether a crop can be taken back."""
        return bool(crops(self._document.state.plan.layout.erased))

    def reset(self) -> None:
        """Take all cropping back."""
        crop = crops(self._document.state.plan.layout.erased)
        self._commit(Restore(crop, "Reset the crop"))

    def split(self) -> None:
        """Make a thing of its own of what is picked out; it is chosen then."""
        sources = self.sources()
        if self.marked is None or not sources or not self._alike(sources):
            return
        state, splats = self._document.state, labelled(self._document.state)
        assert splats is not None
        first = next((id_ for id_ in sources if movable(state, id_)), sources[0])
        ordered = (first, *(id_ for id_ in sources if id_ != first))
        name = translate("Layout", "{name}, part").format(name=self._name(first))
        free = 1 + max(id_ for id_ in splats.object_id.tolist() if id_ < FIRST_INSERTED)
        self._commit(Split(self.marked, ordered, name, free))
        new = self._document.state.plan.masks.objects[-1].id
        self._document.show(placed=(new,))

    def give(self, target: int) -> None:
        """Let what is picked out belong to another thing."""
        sources = self.sources()
        if self.marked is not None and sources and self._alike((*sources, target)):
            self._commit(Give(self.marked, sources, target))

    def merge(self) -> None:
        """Make one thing of all that are chosen: the first of them."""
        layout = self._document.state.plan.layout
        ids = tuple(dict.fromkeys(
            layout.placement(id_).object_id for id_ in self._document.state.placed
        ))  # fmt: skip
        if len(ids) > 1 and self._alike(ids):
            self._commit(Merge(ids[1:], ids[0]))
            self._document.show(placed=(ids[0],))

    def sources(self) -> tuple[int, ...]:
        """Ids of the objects that something is picked out of, most first."""
        state, splats = self._document.state, labelled(self._document.state)
        if self.marked is None or splats is None:
            return ()
        # What floats is known of the splats themselves, and is not reckoned anew.
        content = state.content
        assert content is not None
        rows = rows_in(self.marked, content, splats.object_id)  # type: ignore[arg-type]
        counts: dict[int, int] = {}
        for id_ in splats.object_id[rows].tolist():
            counts[id_] = counts.get(id_, 0) + 1
        return tuple(sorted(counts, key=lambda id_: -counts[id_]))

    def targets(self) -> list[tuple[int, str]]:
        """Ids and names of what Gaussians can be given to."""
        ids = dict.fromkeys(each.object_id for each in shown_placements(self._document.state))
        return [(id_, self._name(id_)) for id_ in ids]

    def inside(self) -> str | None:
        """Names of the things that it is done in; None where in all."""
        ids = self._inside() if self._document.state.placed else frozenset()
        return ", ".join(self._name(id_) for id_ in sorted(ids)) or None

    def _inside(self) -> frozenset[int]:
        """The objects chosen; none for all."""
        layout = self._document.state.plan.layout
        placed = self._document.state.placed
        return frozenset(layout.placement(id_).object_id for id_ in placed)

    def _alike(self, ids: tuple[int, ...]) -> bool:
        if stand_alike(self._document.state.plan.layout, ids):
            return True
        words = translate("Layout", "These things were moved or copied, or are hidden.")
        hint = translate(
            "Layout", "Put them back first (R): what belongs to one thing moves as one. Or group."
        )
        self.noticed.emit(Notice(words, hint, kind="warning"))
        return False

    def _name(self, id_: int) -> str:
        if not movable(self._document.state, id_):
            return own_name(self._document.state, id_) or translate("Layout", "Background")
        number = translate("LayoutPanel", "Object {number}").format(number=id_)
        return own_name(self._document.state, id_) or number

    def _commit(self, edit: Edit) -> None:
        self._document.commit(edit)
        self.mark(None)
