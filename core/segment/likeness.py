"""What parts objects, and what tells good masks: weights fitted to made-up rooms.

Rooms 1 to 3 of `resources/room/others.py`, 12 photos each, with their true masks. What parts two
regions by logistic regression over pairs of regions of all sizes; how good a candidate is, its
IoU, by linear regression over the candidates of each object's box, or of a click in the middle of
the largest mistake.
"""

import numpy as np

# Of `merging.cues`: where a scene is known, and where it is not.
DEEP = np.array(
    [
        -4.59, 0.129, -0.395, 1.09, 2.12, 0.0438, -0.279, 0.487, -0.116, 0.779,
        -0.229, 0.441, 0.295, 0.372, -2.03, -1.86, 0.605, -2.15, -1.08, 1.01,
    ]
)  # fmt: skip
FLAT = np.array(
    [
        -4.59, 0.129, -0.395, 1.09, 2.12, 0.0438, -0.279, 0.487, -0.116, 0.779,
        -0.229, 0.441, 0, 0, 0, 0, 0, 0, 0, 0,
    ]
)  # fmt: skip
# Of `choice.traits`, and of `correcting.corrections`.
FITTING = np.array(
    [
        -0.0718, 1.15, 0.332, 0.18, -2.1, 0.418, -0.0217, -0.0466, 0.0819, -0.216,
        0.000826, -0.194, 0.392, 0.0955, -0.0758, 0.0678, -0.0803, 0.0129, -0.0361, -0.146,
        0.144,
    ]
)  # fmt: skip
CORRECTING = np.array(
    [
        0.166, 0.807, 0.262, 0.201, -0.15, 0.304, 0.00203, -0.0462, -0.0135, -0.157,
        -0.0124, -0.201, 0.408, 0.0677, -0.0564, -0.0594, 0.00647, 0, 0, -0.143,
        0.0817, 0.13, 0.305, -0.127, -0.0594, 0.00647, -0.028, 0.0272, -0.239, -0.0559,
        -0.131, 0.0577, 0.146, -0.0273, -0.179,
    ]
)  # fmt: skip
