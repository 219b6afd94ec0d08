"""LaMa (Suvorov et al., 2022): a network that paints holes, as one TorchScript file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import Unavailable, UserError
from core.scene.fill.membrane import membrane
from core.scene.fill.painter import Painter

Floats = NDArray[np.float32]
Pixels = NDArray[np.bool_]

MULTIPLE = 8  # of both sides
LONGEST = 1024  # pixels: larger pictures are painted smaller
AROUND = 1  # pixels beside a hole that are painted over: its colours have run into them
UNTIL = "Without it, what is hidden is painted by patches of what is seen."
TRIAL = 16  # pixels a side of the picture that a file is tried with


def load_painter(place: str, *, device: str = "cpu") -> Painter:
    """The one in the TorchScript file `place`. Raises `Unavailable` and `UserError`."""
    path = Path(place).expanduser()
    if path.is_dir():
        found = sorted(path.glob("*.pt"))
        if len(found) != 1:
            raise UserError(
                f"The folder {path} holds {len(found)} files named .pt, and LaMa is one.",
                hint=f"Choose the file itself. {UNTIL}",
            )
        path = found[0]
    if not path.is_file():
        raise Unavailable(f"There is no file {path}.", hint=UNTIL)
    try:
        model = torch.jit.load(str(path), map_location=device).eval()  # type: ignore[no-untyped-call]
    except (RuntimeError, ValueError, OSError, EOFError) as error:
        raise UserError(
            f"{path.name} is no TorchScript file, or it is cut off.",
            hint=f"Download it again (big-lama.pt, about 200 MB). {UNTIL}",
        ) from error
    painter = Lama(model, torch.device(device), path.name)
    hole = np.zeros((TRIAL, TRIAL), bool)
    hole[4:9, 4:9] = True
    painter(np.full((TRIAL, TRIAL, 3), 0.5, np.float32), ~hole, hole)
    return painter


@dataclass(frozen=True, eq=False)
class Lama:
    """A `Painter`."""

    model: Any
    device: torch.device
    name: str

    def __call__(self, picture: Floats, known: Pixels, wanted: Pixels) -> Floats:
        """See `Painter`."""
        hole = wanted & ~known
        if not hole.any() or not known.any():
            return picture.copy()
        # What takes no part may be anything; what is smooth asks for nothing to go on.
        whole = membrane(picture, known) if (~known & ~wanted).any() else picture
        share = min(1.0, LONGEST / max(hole.shape))
        size = tuple(max(1, round(share * side)) for side in hole.shape)
        painted = self._answer(
            np.asarray(cv2.resize(whole, size[::-1], interpolation=cv2.INTER_AREA)),
            cv2.resize(hole.astype(np.float32), size[::-1], interpolation=cv2.INTER_AREA) > 0,
        )
        larger = cv2.resize(painted, hole.shape[::-1], interpolation=cv2.INTER_LINEAR)
        return np.where(hole[..., None], larger, picture).astype(np.float32)

    def _answer(self, picture: Floats, hole: Pixels) -> Floats:
        """As the network has it: [1, 3, h, w] in [0, 1] and [1, 1, h, w], 1 where to paint."""
        height, width = hole.shape
        sides = ((0, -height % MULTIPLE), (0, -width % MULTIPLE))
        rim = np.ones((2 * AROUND + 1,) * 2, np.uint8)
        mask = np.pad(cv2.dilate(hole.astype(np.uint8), rim), sides, mode="edge")
        shown = np.pad(picture, (*sides, (0, 0)), mode="edge")
        pixels = torch.from_numpy(shown.astype(np.float32)).permute(2, 0, 1)[None]
        try:
            with torch.no_grad():
                answer = self.model(
                    pixels.to(self.device),
                    torch.from_numpy(mask)[None, None].float().to(self.device),
                )
            fits = answer.shape == pixels.shape and bool(torch.isfinite(answer).all())
        except (RuntimeError, AttributeError, TypeError, NotImplementedError) as error:
            raise self._other() from error
        if not fits:
            raise self._other()
        found = answer[0].permute(1, 2, 0)[:height, :width].float().clamp(0, 1)
        return np.asarray(found.cpu().numpy(), np.float32)

    def _other(self) -> UserError:
        return UserError(
            f"{self.name} does not paint pictures as LaMa does.",
            hint=f"Choose LaMa's own file (big-lama.pt). {UNTIL}",
        )
