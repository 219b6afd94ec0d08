"""LPIPS on small random weights in the files' real form."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from core.errors import Unavailable, UserError
from core.prior.lpips import GROUPS, SCALE, SHIFT, load_lpips

WIDTHS = (4, 5, 6, 7, 8)


def network(seed: int = 0) -> torch.nn.Sequential:
    """VGG-16's convolutions as torchvision lays them out, but narrow."""
    torch.manual_seed(seed)
    layers: list[torch.nn.Module] = []
    channels = 3
    for k, (group, width) in enumerate(zip(GROUPS, WIDTHS, strict=True)):
        layers += [] if k == 0 else [torch.nn.MaxPool2d(2)]
        for _ in group:
            layers += [torch.nn.Conv2d(channels, width, 3, padding=1), torch.nn.ReLU()]
            channels = width
    return torch.nn.Sequential(*layers)


def lines() -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(1)
    return {
        f"lin{k}.model.1.weight": torch.rand(1, width, 1, 1, generator=generator)
        for k, width in enumerate(WIDTHS)
    }


def saved(folder: Path) -> Path:
    weights = {f"features.{name}": value for name, value in network().state_dict().items()}
    torch.save(weights | {"classifier.0.weight": torch.zeros(2, 2)}, folder / "vgg16.pth")
    save_file(lines(), folder / "vgg.safetensors")
    return folder


def pictures() -> tuple[Tensor, Tensor]:
    one, other = torch.rand(2, 32, 48, 3, generator=torch.Generator().manual_seed(2))
    return one, other


def by_the_book(one: Tensor, other: Tensor) -> float:
    """As in the paper: taps of the whole network, unit vectors, weighed squares, spatial means."""
    ends = (3, 8, 15, 22, 29)
    net = network()
    total = 0.0
    x, y = (
        (((2 * p - 1 - torch.tensor(SHIFT)) / torch.tensor(SCALE)).permute(2, 0, 1)[None])
        for p in (one, other)
    )
    for layer, module in enumerate(net):
        x, y = module(x), module(y)
        if layer in ends:
            a, b = (z / (z.pow(2).sum(1, keepdim=True).sqrt() + 1e-10) for z in (x, y))
            weights = lines()[f"lin{ends.index(layer)}.model.1.weight"]
            total += float(((a - b) ** 2 * weights.reshape(1, -1, 1, 1)).sum(1).mean().detach())
    return total


def test_it_is_the_distance_of_the_paper(tmp_path: Path) -> None:
    one, other = pictures()
    found = load_lpips(saved(tmp_path))(one, other, torch.ones(32, 48))
    assert float(found) == pytest.approx(by_the_book(one, other), rel=1e-4)


def test_equal_pictures_are_alike_and_what_does_not_count_does_not(tmp_path: Path) -> None:
    lpips = load_lpips(saved(tmp_path))
    one, other = pictures()
    whole = torch.ones(32, 48)
    assert float(lpips(one, one, whole)) == 0
    assert float(lpips(one, other, 0 * whole)) == 0
    both = [float(lpips(a, b, whole)) for a, b in ((one, other), (other, one))]
    assert both[0] == pytest.approx(both[1])
    one.requires_grad_()
    lpips(one, other, whole).backward()
    assert float(one.grad.abs().max()) > 0


def test_missing_cut_off_and_other_weights_are_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no weights"):
        load_lpips(tmp_path)
    saved(tmp_path)
    (tmp_path / "vgg.safetensors").unlink()
    with pytest.raises(UserError, match="own weights for group 0"):
        load_lpips(tmp_path)
    save_file(
        {**lines(), "lin2.model.1.weight": torch.ones(1, 9, 1, 1)}, tmp_path / "a.safetensors"
    )
    with pytest.raises(UserError, match="group 2"):
        load_lpips(tmp_path)
    torch.save({"features.0.weight": torch.zeros(4, 3, 11, 11)}, tmp_path / "vgg16.pth")
    with pytest.raises(UserError, match="not VGG-16's: layer 0"):
        load_lpips(tmp_path)


@pytest.mark.parametrize("name", ["vgg16.pth", "vgg.safetensors"])
def test_half_a_file_is_no_file(tmp_path: Path, name: str) -> None:
    file = saved(tmp_path) / name
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(UserError, match=f"{name} cannot be read"):
        load_lpips(tmp_path)
    file.write_bytes(b"")
    with pytest.raises(UserError, match="cannot be read"):
        load_lpips(tmp_path)
