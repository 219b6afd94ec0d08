"""The bench of training measures what it says."""

import pytest

from app.bench.growth import exponent
from app.bench.train import SIZE, iteration_ms, memory_mb, report


def test_the_exponent_is_that_of_a_power_law() -> None:
    assert exponent([(n, 3.0 * n**0.7) for n in (10, 100, 5000)]) == pytest.approx(0.7)


def test_iterations_are_timed_and_told() -> None:
    few, more = iteration_ms(300, (64, 48), 2), iteration_ms(300, (256, 192), 2)
    assert 0 < few < more
    found = {
        "machine": {"cpu": "some processor", "cores": 2},
        "memory": {"gaussians": 300, "peak_mb": None},
        "by_gaussians": [(300, few)],
        "by_pixels": [(SIZE[0] * SIZE[1], more)],
        "exponents": {"gaussians": 0.5, "pixels": 0.6},
        "quality": {"seconds_to_db": {"20": 1.5, "30": None}, "seconds": 9.0, "psnr": 25.0},
    }
    lines = "\n".join(report(found))
    assert "20 dB after 1.5 s, 25.00 dB at the end, after 9 s" in lines
    assert "30 dB" not in lines


def test_memory_is_that_of_a_real_training() -> None:
    used = memory_mb(500)
    assert used is None or used > 50
