"""What a view sees, and the constants that every back end shares."""

from dataclasses import dataclass

from torch import Tensor

# As in gsplat 1.5.3; the back ends agree only while these do.
NEAR = 0.01  # scene units: nothing closer to the camera is drawn
BLUR = 0.3  # pixels^2 added to every projected covariance
ALPHA_MAX = 0.999  # a single Gaussian never hides everything behind it
ALPHA_MIN = 1 / 255  # what is fainter than this is not drawn
LIGHT_MIN = 1e-4  # a ray ends where less light than this would be left
FRUSTUM_MARGIN = 0.15  # of the picture's size: where the projection's Jacobian is clamped


@dataclass(frozen=True, eq=False)
class Render:
    """A picture of Gaussians from one view; differentiable in each of their parameters.

    `means2d` is a probe for densification: after `backward` its `.grad` [N, 2]
    holds the gradient of the projected centres in pixels. It has no values of its own.
    """

    color: Tensor  # [H, W, 3], over the background
    alpha: Tensor  # [H, W] in [0, 1]
    depth_sum: Tensor  # [H, W] z in scene units weighted by each Gaussian's share of the pixel
    features: Tensor | None  # [H, W, F] weighted sums of the rows' features
    radii: Tensor  # [N] pixels; 0 where the Gaussian is out of sight
    means2d: Tensor | None  # [N, 2]

    @property
    def depth(self) -> Tensor:
        """[H, W] expected z in scene units; 0 where nothing is seen."""
        return self.depth_sum / self.alpha.clamp_min(1e-6)
