"""What helps where photos are few; each part can be left out, to see what it is worth."""

from enum import Enum


class Part(Enum):
    """Its value names it in tables and in metrics.json."""

    DENSE = "dense"  # begin with the surfaces that stereo finds
    DECAY = "decay"  # opacity fades, and what photos ask for comes back
    DROPOUT = "dropout"  # each picture is drawn without some of the Gaussians
    WARP = "warp"  # what a photo shows, seen from beside it
    SMOOTH = "smooth"  # depth that follows the surfaces where photos are silent
    VISIBLE = "visible"  # Gaussians that no photo vouches for are removed
    SCALE = "scale"  # no Gaussian far longer than wide, or wider than its surroundings
    BACKDROP = "backdrop"  # soft colours behind everything, where no photo looked
    REFINE = "refine"  # poses, focal length and distortion move along


PLAIN = frozenset(Part)  # to leave all out: 3D Gaussian Splatting as it was published
