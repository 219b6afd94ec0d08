"""Joint refinement: what brings the cameras nearer to where the photos were taken from."""

from collections.abc import Sequence

import torch
from torch import Tensor

from core.geometry.camera import View
from core.geometry.rotation import rotation_vector_matrix
from core.train.optimizer import BETA1, BETA2


class Poses:
    """A turn and a shift for each of P cameras, small ones, with their optimiser.

    No photo can tell a motion of all cameras from one of the scene, nor a change of their
    scale, and hardly a turn that all share from a lens with its middle elsewhere. Held-out
    photos' cameras take no part in training, and would be left behind by any of these. So
    the corrections never have a part of them: after every step the nearest such motion is taken
    out, the scene stays where the cameras were on the whole, and others stay right as they are.
    """

    def __init__(self, views: Sequence[View], unit: float) -> None:
        """`unit`: the length, in the scene's, that counts as much as a turn by one radian."""
        self._views, self._unit = views, unit
        self._common = common_motions(views, unit)
        self.values = torch.zeros(len(views), 6, dtype=torch.float64)  # see `corrected`
        self.first, self.second = torch.zeros_like(self.values), torch.zeros_like(self.values)
        self.steps = [0] * len(views)

    def leaf(self, index: int) -> Tensor:
        """[6] correction of one photo, to collect a gradient."""
        return self.values[index].clone().requires_grad_()

    def placed(self, view: View, leaf: Tensor) -> View:
        """A view of the photo of `leaf`, of any size, as that corrects it."""
        return corrected(view, leaf, self._unit)

    def step(self, index: int, gradient: Tensor, rate: float) -> None:
        """One Adam step of about `rate` radians for the photo that was just seen."""
        self.steps[index] += 1
        t = self.steps[index]
        first, second = self.first[index], self.second[index]
        first.lerp_(gradient, 1 - BETA1)
        second.lerp_(gradient * gradient, 1 - BETA2)
        move = (first / (1 - BETA1**t)) / ((second / (1 - BETA2**t)).sqrt() + 1e-15)
        self.values[index] -= rate * move
        flat = self.values.reshape(-1)
        self.values = (flat - self._common @ (self._common.T @ flat)).reshape(-1, 6)

    def views(self) -> tuple[View, ...]:
        """All views as they are corrected; the very same ones before the first step."""
        if not any(self.steps):
            return tuple(self._views)
        pairs = zip(self._views, self.values, strict=True)
        return tuple(corrected(view, value, self._unit) for view, value in pairs)


def corrected(view: View, values: Tensor, unit: float) -> View:
    """`view` from a camera turned and shifted in place, along the axes of the scene.

    `values` [6] float64: a rotation vector, and a shift in parts of `unit`. Gradients reach them.
    """
    pose = view.camera_from_scene.to(values)
    turned = pose[:3, :3] @ rotation_vector_matrix(values[:3])
    centre = -pose[:3, :3].T @ pose[:3, 3] + unit * values[3:]
    moved = torch.cat([torch.cat([turned, -(turned @ centre)[:, None]], dim=1), pose[3:]])
    return View(view.camera, moved.to(view.camera_from_scene))


def common_motions(views: Sequence[View], unit: float) -> Tensor:
    """Orthonormal [6 P, K] float64: corrections that all cameras share.

    One motion of them all, their scale, one turn of each about its own axes; as `corrected`
    takes them, photo by photo, to first order. K is at most 10.
    """
    centres = torch.stack([view.centre().cpu().double() for view in views]) / unit
    around = centres - centres.mean(dim=0)
    none = torch.zeros_like(around)
    own = torch.stack([view.camera_from_scene[:3, :3].cpu().double() for view in views])
    motions = [torch.cat([none, around], dim=1)]
    for k, axis in enumerate(torch.eye(3, dtype=torch.float64)):
        along = axis.expand_as(around)
        motions += [torch.cat([-along, torch.linalg.cross(along, around)], dim=1)]
        motions += [torch.cat([none, along], dim=1), torch.cat([own[:, k], none], dim=1)]
    columns = torch.stack([motion.reshape(-1) for motion in motions], dim=1)
    basis, sizes, _ = torch.linalg.svd(columns, full_matrices=False)
    kept: Tensor = basis[:, sizes > 1e-9 * sizes.max()]
    return kept
