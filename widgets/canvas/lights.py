"""What lights up under the mouse before it is taken: a proposal, or what a click would find."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from core.segment.protocol import Prompt
from core.segment.tiles import Tiled
from widgets.canvas.drags import Place
from widgets.canvas.options import Tool
from widgets.canvas.proposals import Proposals, holds
from widgets.canvas.tools import Tools

REST_MS = 150  # that the mouse rests before what a click there would find is looked for


class Lights(QObject):
    """Knows the tools. `changed`: something else lights up; the other signals are wishes."""

    changed = Signal()
    proposals_wanted = Signal()
    preview_wanted = Signal(object)  # Prompt

    def __init__(self, tools: Tools, parent: QObject) -> None:
        super().__init__(parent)
        self.lit: Tiled | None = None
        self.proposals = Proposals()
        self._tools = tools
        self._place: Place | None = None
        self._asked = Prompt()  # what the mouse rested on
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._preview)

    @property
    def picking(self) -> bool:
        """Whether a click takes what lights up."""
        return self._tools.ready and self._tools.options.tool is Tool.PICK

    def want(self) -> None:
        """Have proposals made, if they are needed."""
        if self.picking and not self.proposals.known:
            self.proposals_wanted.emit()

    def show_proposals(self, regions: Sequence[Tiled], *, all_lit: bool = False) -> None:
        """These may be objects; with `all_lit` they light up together until one is pointed at."""
        self.proposals.show(regions, all_lit=all_lit)
        self.point(self._place)

    def show_preview(self, prompt: Prompt, regions: Sequence[Tiled]) -> bool:
        """What a click would find; whether it was asked for from here."""
        if prompt is not self._asked:
            return False
        self._light(regions[0] if regions and self._place is not None else None)
        return True

    def point(self, place: Place | None, *, idle: bool = False) -> None:
        """The mouse is there, None: nowhere. `idle`: nothing was asked of the segmenter so far."""
        self._place = place
        self._rest.stop()
        pixel = self._tools.pixel(place) if place is not None and self._tools.ready else None
        if self.picking:
            self._light(self.proposals.seen_at(pixel))
        elif idle and pixel is not None and self._tools.options.tool is Tool.INSIDE:
            if self.lit is not None and not holds(self.lit, pixel):
                self._light(None)
            self._rest.start()
        else:
            self._light(None)

    def at(self, place: Place) -> Tiled | None:
        """What a click there takes."""
        return self.proposals.at(self._tools.pixel(place)) if self.picking else None

    def larger(self) -> None:
        """Light up the next larger proposal from now on."""
        if self._place is not None:
            self.proposals.larger(self._tools.pixel(self._place))
            self.point(self._place)

    def forget(self) -> None:
        """Of another photo nothing is known."""
        self.proposals.forget()
        self.go_out()

    def go_out(self) -> None:
        """Nothing lights up until the mouse moves."""
        self._rest.stop()
        self._asked = Prompt()
        self._light(None)

    def _preview(self) -> None:
        if self._place is not None and self._tools.ready:
            self._asked = self._tools.asking(Prompt().with_point(*self._place, True))
            self.preview_wanted.emit(self._asked)

    def _light(self, region: Tiled | None) -> None:
        if region is not self.lit:
            self.lit = region
            self.changed.emit()
