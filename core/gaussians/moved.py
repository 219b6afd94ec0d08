"""Gaussians in another place: turned, scaled and moved as one thing."""

import math
from dataclasses import replace

import torch

from core.gaussians.table import Gaussians
from core.geometry.pose import Pose
from core.geometry.rotation import quat_from_matrix, quat_multiply
from core.geometry.sh import sh_rotated


def moved(gaussians: Gaussians, new_from_old: Pose) -> Gaussians:
    """`gaussians` under a similarity, their view-dependent colours turned along.

    They look from a camera that moves along as they did before.
    """
    device = gaussians.means.device
    turn = torch.tensor(new_from_old.rotation, dtype=torch.float64)
    shift = torch.tensor(new_from_old.translation, dtype=torch.float64, device=device)
    means = new_from_old.scale * (gaussians.means.double() @ turn.to(device).T) + shift
    quat = quat_from_matrix(turn).to(gaussians.quats)
    return replace(
        gaussians,
        means=means.to(gaussians.means),
        quats=quat_multiply(quat, gaussians.quats),
        log_scales=gaussians.log_scales + math.log(new_from_old.scale),
        sh=sh_rotated(gaussians.sh, turn),
    )
