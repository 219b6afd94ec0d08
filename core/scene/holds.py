"""What is known from before, and whether it still holds for the state that is there now."""

from typing import TYPE_CHECKING

from core.scene.document import State
from core.scene.plan import names, used

if TYPE_CHECKING:  # it brings the kernels along, which the window does not need
    from core.train.steps import Kept


def standing_of(state: State) -> "Kept | None":
    """The file that says where the training of the scene shown stands; None where it does not."""
    kept = state.training
    if kept is None or state.step is None or kept.iteration < state.step.iteration:
        return None
    return kept


def placed_alike(state: State) -> bool:
    """Whether the places that are known hold for the photos that are used now.

    Photos that were left out since do no harm; others that came may help to place the rest.
    """
    if state.reconstruction is None:
        return False
    judged = {verdict.name for verdict in state.reconstruction.verdicts}
    judged |= {photo.name for photo in state.reconstruction.photos}
    present = {photo.name for photo in used(state.plan).photos}
    placed = {photo.name for photo in state.reconstruction.photos}
    return present <= judged and len(placed & present) > 1 and bool(names(state.plan))
