"""How far it is from points to the nearest others."""

import cv2
import numpy as np
from numpy.typing import NDArray

KD_TREE = 4  # FLANN's name for the one of its indices that is exact
NEIGHBOURS = 3  # a Gaussian reaches about as far as its third neighbour (Kerbl et al., 2023)


def squares_to_neighbours(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared distances [P, NEIGHBOURS] from each of `positions` [P, 3] to the nearest others."""
    # OpenCV's tree, since SciPy's takes a third of a second to load.
    near = (positions - np.median(positions, axis=0)).astype(np.float32)
    _, squares = cv2.flann.Index(near, {"algorithm": KD_TREE}).knnSearch(near, NEIGHBOURS + 1)
    return np.asarray(squares[:, 1:], np.float64)  # the first is the point itself
