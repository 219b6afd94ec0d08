"""What helps where photos are few; each part can be left out, to see what it is worth."""

from enum import Enum


class Part(Enum):
    """Its value names it in tables and in metrics.json."""

    DENSE = "dense"  # begin with the surfaces that stereo finds
    DECAY = "decay"  # opacity fades, and what photos ask for comes back
    DROPOUT = "dropout"  # each picture is drawn without some of the Gaussians
    DEPTH = "depth"  # stay where stereo is sure
    SMOOTH = "smooth"  # depth without bends where it is not
    SCALE = "scale"  # no Gaussian so wide that it hangs before the next view
    POSES = "poses"  # cameras that do not fit their photos are refined
    BACKDROP = "backdrop"  # no holes, and soft colours behind everything


PLAIN = frozenset(Part)  # to leave all out: 3D Gaussian Splatting as it was published
