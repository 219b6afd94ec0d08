#version 330 core
// Splats by their depth, alpha or normal: drawn over the colours of what lies behind them.

uniform sampler2D u_depths;  // sum of z times alpha in scene units, -, -, alpha
uniform int u_shading;       // 1 depth, 2 alpha, 3 normal
uniform vec2 u_depth_range;  // near, far: scene units
uniform mat4 u_scene_from_camera;
uniform vec2 u_focal;        // pixels of u_depths; orthographic: pixels a scene unit
uniform vec2 u_centre;       // pixels of u_depths, y down
uniform bool u_orthographic;

out vec4 o_color;  // premultiplied

#include "ramp.glsl"

// Where in the camera frame the splats lie behind a pixel of u_depths; w is their alpha.
vec4 surface(ivec2 pixel) {
    ivec2 size = textureSize(u_depths, 0);
    pixel = clamp(pixel, ivec2(0), size - 1);
    vec4 found = texelFetch(u_depths, pixel, 0);
    float z = found.x / max(found.w, 1e-6);
    vec2 image = vec2(float(pixel.x) + 0.5, float(size.y - pixel.y) - 0.5);
    vec2 slope = (image - u_centre) / u_focal;
    return vec4(u_orthographic ? slope : slope * z, z, found.w);
}

// The way across a pixel along `side`, between its neighbours; where one of them lies over an
// edge, to the other.
vec3 way(vec4 here, ivec2 pixel, ivec2 side) {
    vec4 after = surface(pixel + side), before = surface(pixel - side);
    float jump_after = after.w < 0.5 ? 1e30 : abs(after.z - here.z);
    float jump_before = before.w < 0.5 ? 1e30 : abs(before.z - here.z);
    if (max(jump_after, jump_before) < 0.02 * abs(here.z)) return after.xyz - before.xyz;
    return jump_after < jump_before ? after.xyz - here.xyz : here.xyz - before.xyz;
}

vec3 normal(ivec2 pixel) {
    vec4 here = surface(pixel);
    // Two pixels wide: of single pixels one would see the splats, not the surface.
    vec3 found = cross(way(here, pixel, ivec2(0, 2)), way(here, pixel, ivec2(2, 0)));
    found = dot(found, found) > 0.0 ? normalize(found) : vec3(0.0, 0.0, -1.0);
    if (dot(found, u_orthographic ? vec3(0.0, 0.0, 1.0) : here.xyz) > 0.0) found = -found;
    return mat3(u_scene_from_camera) * found;
}

void main() {
    vec4 found = texelFetch(u_depths, ivec2(gl_FragCoord.xy), 0);
    if (found.w < 1e-4) discard;
    vec3 color = vec3(1.0);
    if (u_shading == 1) color = ramp(shown_depth(found.x / found.w, u_depth_range));
    else if (u_shading == 3) color = normal_color(normal(ivec2(gl_FragCoord.xy)));
    o_color = vec4(color * found.w, found.w);
}
