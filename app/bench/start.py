"""How long a fresh process takes to its first picture: run as a child by the bench.

`python -m app.bench.start` writes one JSON object; Numba compiles or loads from
wherever the NUMBA_CACHE_DIR that the parent gave it points.
"""

import time

BEGAN = time.perf_counter()  # before the imports, which are part of the answer


def first_frame() -> dict[str, float]:
    """Seconds from the start of the imports to the first picture, and to its gradient.

    Wall time; CPU time, which also counts Python's own start, where the name says so.
    """
    from app.bench.scenes import scene_view, trained_scene
    from core.render.rasterize import rasterize

    imported = time.perf_counter()
    scene = trained_scene(1000)
    scene.means.requires_grad_()
    picture = rasterize(scene, scene_view(270, 480))
    drawn, busy = time.perf_counter(), time.process_time()
    picture.color.sum().backward()  # type: ignore[no-untyped-call]
    return {
        "import_s": imported - BEGAN,
        "first_frame_s": drawn - BEGAN,
        "first_frame_cpu_s": busy,
        "first_gradient_s": time.perf_counter() - BEGAN,
    }


if __name__ == "__main__":
    from app.cli.console import say_json

    say_json(first_frame())
