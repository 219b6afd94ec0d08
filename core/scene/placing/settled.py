"""What comes of settling an object."""

from dataclasses import dataclass

from core.geometry.pose import Pose


@dataclass(frozen=True, eq=False)
class Settled:
    """`pose`: from where the thing is to where it belongs, capture frame.

    `grounded`: it stands on the floor. `height` of what else carries it, units of the capture;
    None where nothing does. `dice`: how far its outlines are from the photos', 0 for not at all.
    """

    pose: Pose
    grounded: bool
    height: float | None
    dice: float
