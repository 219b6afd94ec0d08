"""What the mouse does to the scene of a viewport: moves things, or picks out Gaussians."""

from typing import TYPE_CHECKING

from widgets.viewport.arranger import Arranger
from widgets.viewport.contents import Contents
from widgets.viewport.selecting import Selecting

if TYPE_CHECKING:
    from widgets.viewport.widget import Viewport


def hand(viewport: "Viewport") -> Arranger | Selecting:
    """Who is to be told what the mouse does."""
    return viewport.selecting if viewport.selecting.active else viewport.arranger


def tools(viewport: "Viewport", contents: Contents) -> tuple[Arranger, Selecting]:
    """Both, and what they draw among the `contents`."""
    arranger, selecting = Arranger(viewport), Selecting(viewport)
    arranger.shown.connect(contents.set_handles)
    selecting.shown.connect(contents.set_volume)
    viewport.drawn.connect(arranger.drawn)
    arranger.mode_changed.connect(lambda _mode: selecting.mode_changed())
    return arranger, selecting
