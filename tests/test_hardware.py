"""What the computer has, in words that say what it means."""

from dataclasses import replace

import pytest

from app.commands.models import PARTS
from app.hardware import Hardware, check_hardware, is_software, seconds_of
from core.pipeline.settings import Preset

ORDINARY = Hardware(cores=2, memory=8 * 10**9, memory_free=5 * 10**9, disk_free=40 * 10**9)


def said(found: Hardware) -> dict[str, bool]:
    return {line.words: line.good for line in found.lines()}


def test_an_ordinary_computer() -> None:
    assert said(ORDINARY) == {
        "2 processor cores.": True,
        "8.0 GB of memory, 5.0 GB of it free.": True,
        "No NVIDIA card: training runs on the processor. 12 photos take about 70 seconds at "
        "Quick, 3 minutes at Standard (an estimate).": True,
        "40 GB free on the disk.": True,
        "Optional parts that are not installed, and not needed: gsplat, "
        "transformers, diffusers.": True,
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cores": 1}, "One processor core"),
        ({"memory_free": 10**9}, "close other programs"),
        ({"disk_free": 10**8}, "Only 0.1 GB free"),
        ({"card": "NVIDIA X"}, "NVIDIA X is there, but gsplat"),
        ({"display": "llvmpipe (LLVM 15.0.7, 256 bits)"}, "drawn by the processor (llvmpipe"),
    ],
)
def test_what_will_be_slow_or_fail_is_not_good(change: dict[str, object], words: str) -> None:
    lines = replace(ORDINARY, **change).lines()  # type: ignore[arg-type]
    assert [words in line.words for line in lines if not line.good] == [True]


def test_a_card_that_is_used() -> None:
    found = replace(ORDINARY, card="NVIDIA X", parts=tuple(part.package for part in PARTS))
    assert said(found)["NVIDIA X: training runs on it."]
    assert said(found)["All optional parts are installed."]


def test_a_display_is_named() -> None:
    assert said(ORDINARY.with_display("Mesa Intel(R) UHD"))[
        "The picture is drawn by Mesa Intel(R) UHD."
    ]


@pytest.mark.parametrize(
    ("name", "software"),
    [
        ("llvmpipe (LLVM 15.0.7, 256 bits)", True),
        ("softpipe", True),
        ("Google SwiftShader", True),
        ("GDI Generic", True),
        ("Apple Software Renderer", True),
        ("Microsoft Basic Render Driver", True),
        ("NVIDIA GeForce RTX 3060/PCIe/SSE2", False),
        ("Mesa Intel(R) UHD Graphics 620 (KBL GT2)", False),
        ("AMD Radeon Pro 5300M OpenGL Engine", False),
        ("Apple M2", False),
    ],
)
def test_renderers_without_a_card_are_known(name: str, software: bool) -> None:
    assert is_software(name) == software


def test_the_estimate_is_near_what_was_measured() -> None:
    # docs/performance.md, two idle cores: the sample's 12 photos, not known before, took some 56 s.
    assert 56 <= seconds_of(12, Preset.QUICK, 2) < 80
    assert seconds_of(12, Preset.QUICK, 1) == pytest.approx(
        1.9 * seconds_of(12, Preset.QUICK, 2), rel=0.02
    )
    times = [seconds_of(12, Preset.STANDARD, cores) for cores in (1, 2, 4, 8, 64)]
    assert times == sorted(times, reverse=True)


def test_this_computer() -> None:
    found = check_hardware()
    assert found.cores >= 1
    assert 0 < found.memory_free <= found.memory
    assert found.disk_free > 0
    assert all(line.words for line in found.lines())


def test_the_words_can_be_translated() -> None:
    lines = ORDINARY.lines(lambda context, text: f"<{context}: {text}>")
    assert all(line.words.startswith("<Hardware: ") for line in lines)
