"""The eye as the shader that projects splats reads it."""

from core.render.render import FRUSTUM_MARGIN
from widgets.viewport.eye import Eye


def eye_uniforms(eye: Eye) -> dict[str, object]:
    """The eye as splat_project.frag reads it."""
    mx, my = FRUSTUM_MARGIN * eye.width, FRUSTUM_MARGIN * eye.height
    return {
        "u_camera_from_scene": eye.camera_from_scene,
        "u_eye": tuple(eye.centre),
        "u_forward": tuple(eye.forward),
        "u_orthographic": eye.orthographic,
        "u_focal": (eye.fx, eye.fy),
        "u_centre": (eye.cx, eye.cy),
        "u_size": (float(eye.width), float(eye.height)),
        "u_near": eye.near,
        "u_limits": (
            (-eye.cx - mx) / eye.fx,
            (eye.width - eye.cx + mx) / eye.fx,
            (-eye.cy - my) / eye.fy,
            (eye.height - eye.cy + my) / eye.fy,
        ),
    }
