"""The Numba rasterizer as torch sees it."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.render.cpu.frame import Frame
from core.render.render import Render


def rasterize_cpu(
    gaussians: Gaussians,
    view: View,
    sh_degree: int,
    background: Tensor,
    features: Tensor | None,
    probe: bool,
) -> Render:
    """See `rasterize`. float32 on the CPU; uses as many threads as Numba is set to."""
    means2d = torch.zeros(len(gaussians), 2, requires_grad=True) if probe else None
    color, depth_sum, alpha, splatted, radii = _Rasterize.apply(  # type: ignore[no-untyped-call]
        gaussians.means,
        gaussians.quats,
        gaussians.log_scales,
        gaussians.logit_opacity,
        gaussians.sh,
        means2d,
        features,
        view.camera_from_scene,
        view,
        sh_degree,
        background,
    )
    return Render(color, alpha, depth_sum, splatted, radii, means2d)


class _Rasterize(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> tuple[Tensor | None, ...]:
        means, quats, log_scales, logit_opacity, sh, _, features, _, *rest = inputs
        view, sh_degree, background = rest
        frame = Frame((means, quats, log_scales, logit_opacity, sh), view, sh_degree)
        picture = frame.draw(background.detach().numpy())
        chunks = [] if features is None else _chunks(features)
        drawn = [frame.draw(np.zeros(3, np.float32), chunk) for chunk in chunks]
        splatted = None
        if features is not None:
            joined = [np.concatenate([c, f[..., None]], axis=-1) for c, f, _ in drawn]
            splatted = torch.from_numpy(np.concatenate(joined, axis=-1)[..., : features.shape[1]])
        ctx.frame, ctx.picture, ctx.chunks, ctx.drawn = frame, picture, chunks, drawn
        ctx.set_materialize_grads(False)
        radii = torch.from_numpy(frame.radii())
        ctx.mark_non_differentiable(radii)
        return (*(torch.from_numpy(plane) for plane in picture), splatted, radii)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:
        frame: Frame = ctx.frame
        color, depth_sum, alpha, splatted, _ = gradients
        sums = frame.draw_gradient(ctx.picture, (_array(color), _array(depth_sum), _array(alpha)))
        grad_features = None
        if splatted is not None:
            parts = []
            for k, (chunk, drawn) in enumerate(zip(ctx.chunks, ctx.drawn, strict=True)):
                part = np.zeros((*splatted.shape[:2], 4), np.float32)
                given = splatted[..., 4 * k : 4 * k + 4].numpy()
                part[..., : given.shape[-1]] = given
                gradient = (np.ascontiguousarray(part[..., :3]), _plane(part), None)
                more = frame.draw_gradient(drawn, gradient, chunk)
                sums[..., :6] += more[..., :6]
                parts.append(more[:, : frame.rows, 6:10].sum(axis=0))
            joined = np.concatenate(parts, axis=1)[:, : splatted.shape[-1]]
            grad_features = torch.from_numpy(np.ascontiguousarray(joined))
        with_pose = ctx.needs_input_grad[7]
        columns, pose = frame.columns_gradient(sums, with_pose)
        *columns_only, centres = columns
        probe = centres if ctx.needs_input_grad[5] else None
        return (*columns_only, probe, grad_features, pose if with_pose else None, None, None, None)


def _chunks(features: Tensor) -> list[np.ndarray[Any, np.dtype[np.float32]]]:
    """`features` [N, F] in groups of four channels, the last one padded with zeros."""
    padded = torch.nn.functional.pad(features.detach(), (0, -features.shape[1] % 4))
    return [chunk.contiguous().numpy() for chunk in torch.split(padded, 4, dim=1)]


def _array(gradient: Tensor | None) -> np.ndarray[Any, np.dtype[np.float32]] | None:
    return None if gradient is None else gradient.detach().contiguous().numpy()


def _plane(part: np.ndarray[Any, np.dtype[np.float32]]) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.ascontiguousarray(part[..., 3])
