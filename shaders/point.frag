#version 330 core
// A round point in its colour, by its depth, or white for alpha; it has no normal, and is grey.

uniform int u_shading;       // 0 colour, 1 depth, 2 alpha, 3 normal
uniform vec2 u_depth_range;  // near, far: scene units

flat in vec3 v_color;    // sRGB
flat in float v_depth;   // scene units

out vec4 o_color;

#include "ramp.glsl"

void main() {
    vec2 from_middle = gl_PointCoord * 2.0 - 1.0;
    if (dot(from_middle, from_middle) > 1.0) discard;
    vec3 color = v_color;
    if (u_shading == 1) color = ramp(shown_depth(v_depth, u_depth_range));
    else if (u_shading == 2) color = vec3(1.0);
    else if (u_shading == 3) color = vec3(0.5);
    o_color = vec4(color, 1.0);
}
