#version 330 core
// A surface lit softly from the eye and from above, on both sides; or by depth, alpha, normal.

uniform int u_shading;       // 0 colour, 1 depth, 2 alpha, 3 normal
uniform vec2 u_depth_range;  // near, far: scene units
uniform vec3 u_forward;      // scene frame: where the eye looks, unit length

in vec3 v_normal;   // scene frame
in vec3 v_color;    // sRGB
in float v_depth;   // scene units

out vec4 o_color;

#include "ramp.glsl"

void main() {
    vec3 normal = normalize(v_normal + vec3(0.0, 1e-9, 0.0));
    if (dot(normal, u_forward) > 0.0) normal = -normal;
    float light = 0.55 + 0.3 * max(-dot(normal, u_forward), 0.0) + 0.15 * (0.5 + 0.5 * normal.y);
    vec3 color = v_color * light;
    if (u_shading == 1) color = ramp(shown_depth(v_depth, u_depth_range));
    else if (u_shading == 2) color = vec3(1.0);
    else if (u_shading == 3) color = normal_color(normal);
    o_color = vec4(color, 1.0);
}
