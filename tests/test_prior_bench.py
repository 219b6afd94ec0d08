"""The bench of priors: what its oracles say, and what its table makes of the scores."""

from pathlib import Path

import numpy as np
import pytest
import torch

from app.__main__ import main
from app.bench.prior import REPORT, _row
from app.bench.prior_oracle import NOISE, NONE, TOLD, TRUE, WRONG, Oracle, blurred, swapped
from core.prior.protocol import Draft
from tests.prior_scenes import looking


class Stage:
    """A room of one grey, lighter with the exposure."""

    def photo(self, lens, camera_from_scene, gain, seed):  # type: ignore[no-untyped-def]
        return np.full((lens.height, lens.width, 3), 100 * gain, np.uint8)


def test_an_oracle_says_what_is_there_with_the_photos_exposure() -> None:
    view = looking((0, 0, 0), (0, 0, 1))
    nothing = torch.zeros(48, 64)
    draft = Draft(view, torch.zeros(48, 64, 3), nothing, nothing, nothing, ())
    oracle = Oracle(Stage(), 1.5, blurred)
    steps = oracle.refine(draft, 1.0, 3)
    next(steps)
    with pytest.raises(StopIteration) as end:
        next(steps)
    color = end.value.value.color
    assert float(color.mean()) == pytest.approx(150 / 255, abs=0.002)
    assert float(color.std()) == pytest.approx(NOISE, rel=0.05)
    ((told, truth),) = oracle.told
    assert told is view
    assert torch.equal(truth, torch.full((48, 64, 3), 150, dtype=torch.uint8))


def test_wrong_colours_are_wrong_wherever_there_is_colour() -> None:
    color = torch.rand(8, 8, 3, generator=torch.Generator().manual_seed(0))
    assert torch.equal(swapped(color, torch.Generator()).sort().values, color.sort().values)
    assert not torch.equal(swapped(color, torch.Generator()), color)


def test_the_table_tells_what_is_gained_and_lost() -> None:
    def way(psnr: float, own: float) -> dict[str, float]:
        return {"psnr": psnr, "ssim": 0.5, "own_psnr": own, "own_ssim": 0.5}

    scores = {NONE: way(20, 30), TOLD: way(26, 29), TRUE: way(27, 28), WRONG: way(19.75, 29.95)}
    row = _row({"capture": "room", "seed": 0, **scores})
    assert row.split(" | ")[5:] == ["+6.00", "1.00", "-0.05", "-0.25 |"]


@pytest.mark.slow
def test_the_whole_bench_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--rooms", "1", "--iterations", "40", "--max-size", "96", "-o", str(tmp_path)]
    assert main(["bench", "prior", *asked]) == 0
    assert (tmp_path / REPORT).exists()
    said = capsys.readouterr().out
    assert "| sample |" in said
    assert "| room-1 |" in said
    assert "| mean |" in said
