"""One picture on its way through the kernels."""

import numba
import numpy as np
import torch
from torch import Tensor

from core.errors import UserError
from core.geometry.camera import View
from core.render.cpu.bins import MOST_ROWS, entry_room, list_entries, sort_by_depth, sort_entries
from core.render.cpu.layout import CH, GRADIENT, RADIUS, RECORD, ROOM, TILE_H, TILE_W, VIEW
from core.render.cpu.pool import POOL, Array
from core.render.cpu.project import project
from core.render.cpu.project_gradient import POSE_SUMS, SHAPES, project_gradient
from core.render.cpu.tiles import render_tiles, render_tiles_gradient
from core.render.render import FRUSTUM_MARGIN

SPARE = 7  # rows: the kernels take eight at a time
Picture = tuple[Array, Array, Array]  # colour [H, W, 3], fourth channel [H, W], alpha [H, W]
Slopes = tuple[Array | None, ...]  # dL/d(each of them), None for 0


class Frame:
    """Projected and sorted Gaussians of one view; draws pictures and their gradients.

    `columns`: means, quats, log_scales, logit_opacity, sh, float32. A frame holds arrays lent
    by the pool until it is dropped.
    """

    def __init__(self, columns: tuple[Tensor, ...], view: View, sh_degree: int) -> None:
        self.rows = len(columns[0])
        if self.rows > MOST_ROWS:
            raise UserError(
                f"{self.rows} Gaussians are more than the CPU renderer can take ({MOST_ROWS}).",
                hint="Set a lower limit with --max-gaussians.",
            )
        self.count = (sh_degree + 1) ** 2
        self.workers = numba.get_num_threads()
        self.view = packed_view(view)
        width, height = view.camera.width, view.camera.height
        self.across = -(-width // TILE_W)
        self.size = (width, height, self.across)
        self.tiles = self.across * -(-height // TILE_H)
        self.columns = tuple(column.detach().contiguous().numpy() for column in columns)
        self.records = self._lend_rows(RECORD)
        self.boxes = POOL.lend((self.rows + SPARE,), np.int32)
        self.visible = self._bin(*self._project())

    def _lend_rows(self, *shape: int) -> Array:
        """[N, *shape] floats, and behind them room for what the kernels write beyond the last."""
        return POOL.lend((self.rows + SPARE, *shape), np.float32)

    def _room(self) -> Array:
        return np.zeros((self.workers, ROOM), np.float32)

    def _project(self) -> tuple[Array, Array, Array]:
        depths, visible = _lend(self.rows, np.float32), _lend(self.rows, np.int32)
        found = np.zeros(self.workers, np.int64)
        width, height, _ = self.size
        project(
            self.columns, self.count, self.view, width, height, self.records, depths,
            self.boxes, visible, found, self._room(),
        )  # fmt: skip
        return depths, visible, found

    def _bin(self, depths: Array, visible: Array, found: Array) -> int:
        """Sort into tiles; how many Gaussians are visible."""
        order, other = _lend(self.rows, np.int32), _lend(self.rows, np.int32)
        digits, more = _lend(self.rows, np.uint32), _lend(self.rows, np.uint32)
        keys = depths.view(np.uint32)
        count = sort_by_depth(visible, found, self.rows, keys, order, other, digits, more)
        offsets = np.zeros(self.workers + 1, np.int64)
        room = entry_room(order, count, self.boxes, offsets)
        counts = np.zeros((self.workers, self.tiles), np.int64)
        tiles, entries = _lend(room, np.int32), _lend(room, np.uint32)
        written = np.zeros(self.workers, np.int64)
        list_entries(
            order, count, self.records, offsets, self.size, counts, tiles, entries, written
        )
        self.starts = np.empty(self.tiles + 1, np.int64)
        self.entries = _lend(int(written.sum()), np.uint32)
        sort_entries(offsets, counts, tiles, entries, written, self.starts, self.entries)
        self.walked = np.zeros(self.tiles, np.int64)
        return int(count)

    def radii(self) -> Array:
        """[N] float32 pixels; 0 out of sight."""
        radii = np.where(self.boxes > 0, self.records[:, RADIUS], np.float32(0))
        return radii[: self.rows]

    def draw(self, background: Array, channels: Array | None = None) -> Picture:
        """Colour, depth sum and alpha; or three and one of other `channels` [N, 4]."""
        width, height, _ = self.size
        color = POOL.lend((height, width, 3), np.float32)
        fourth, alpha = (
            POOL.lend((height, width), np.float32),
            POOL.lend((height, width), np.float32),
        )
        records = self.records if channels is None else self._with_channels(channels)
        shares = equal_shares(np.diff(self.starts), self.workers)
        render_tiles(
            records, self.entries, self.starts, shares, self.size, background,
            color, fourth, alpha, self.walked,
        )  # fmt: skip
        return color, fourth, alpha

    def draw_gradient(
        self, picture: Picture, gradient: Slopes, channels: Array | None = None
    ) -> Array:
        """Per worker and row, [W, N, GRADIENT], for the picture that `draw` gave."""
        with_fourth = gradient[1] is not None
        slopes = tuple(
            _zeros(plane.shape) if slope is None else slope
            for plane, slope in zip(picture, gradient, strict=True)
        )
        sums = POOL.lend((self.workers, self.rows + SPARE, GRADIENT), np.float32)
        records = self.records if channels is None else self._with_channels(channels)
        shares = equal_shares(self.walked, self.workers)
        render_tiles_gradient(
            records, self.entries, self.starts, shares, self.walked, self.size,
            picture, slopes, sums, with_fourth,
        )  # fmt: skip
        return sums

    def columns_gradient(self, sums: Array, with_pose: bool) -> tuple[tuple[Tensor, ...], Tensor]:
        """Gradients of the five columns and the centres [N, 2]; of camera_from_scene [4, 4]."""
        bands = self.columns[-1].shape[1:]
        outputs = tuple(self._lend_rows(*shape) for shape in ((3,), (4,), (3,), (), bands, (2,)))
        outputs[4][:, self.count :] = 0  # bands not in use yet
        pose_sums = np.zeros((self.workers, POSE_SUMS))
        project_gradient(
            self.columns, self.count, self.view, self.records, self.boxes, sums, with_pose,
            outputs, pose_sums, self._room(),
        )  # fmt: skip
        tensors = tuple(torch.from_numpy(output[: self.rows]) for output in outputs)
        return tensors, torch.from_numpy(pose_gradient(pose_sums.sum(axis=0), self.view))

    def _with_channels(self, channels: Array) -> Array:
        records = self._lend_rows(RECORD)
        records[:] = self.records
        records[: self.rows, CH : CH + 4] = channels
        return records


def _lend(count: int, kind: type) -> Array:
    return POOL.lend((count,), kind)


def _zeros(shape: tuple[int, ...]) -> Array:
    array = POOL.lend(shape, np.float32)
    array.fill(0)
    return array


def packed_view(view: View) -> Array:
    """The view as the kernels read it (`layout.VIEW` floats)."""
    camera = view.camera
    world = view.camera_from_scene.detach().to("cpu", torch.float64).numpy()
    turn, shift = world[:3, :3], world[:3, 3]
    mx, my = FRUSTUM_MARGIN * camera.width, FRUSTUM_MARGIN * camera.height
    limits = [
        (-camera.cx - mx) / camera.fx,
        (camera.width - camera.cx + mx) / camera.fx,
        (-camera.cy - my) / camera.fy,
        (camera.height - camera.cy + my) / camera.fy,
    ]
    parts = [*turn.ravel(), *shift, camera.fx, camera.fy, camera.cx, camera.cy]
    parts += [*(-turn.T @ shift), *limits]
    return np.array(parts + [0.0] * (VIEW - len(parts)), np.float32)


def pose_gradient(sums: Array, view: Array) -> Array:
    """dL/d(camera_from_scene) [4, 4] float64 from the sums of `project_gradient`."""
    turn, shift = view[:9].reshape(3, 3).astype(np.float64), view[9:12].astype(np.float64)
    through_centres, through_shapes = sums[:9].reshape(3, 3), sums[SHAPES:].reshape(3, 3)
    eye = sums[12:15]  # the camera's centre is -turn^T shift
    gradient = np.zeros((4, 4))
    gradient[:3, :3] = through_centres + through_shapes @ turn - np.outer(shift, eye)
    gradient[:3, 3] = sums[9:12] - turn @ eye
    return gradient


def equal_shares(costs: Array, workers: int) -> Array:
    """Where to cut the tiles into contiguous runs of about equal cost, [workers + 1]."""
    total = np.cumsum(costs + 4)  # even an empty tile takes a little
    cuts = np.searchsorted(total, total[-1] * np.arange(1, workers) / workers)
    return np.concatenate([[0], cuts, [len(costs)]]).astype(np.int64)
