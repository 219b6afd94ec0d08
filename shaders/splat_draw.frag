#version 330 core
// One splat's share of a pixel: colour times alpha and alpha, or z times alpha and alpha.

uniform bool u_depth;  // z instead of the colour

in vec2 v_offset;       // from the centre, in standard deviations
flat in vec4 v_color;   // sRGB, opacity
flat in float v_depth;  // z, scene units

out vec4 o_color;

const float ALPHA_MAX = 0.999;
const float ALPHA_MIN = 1.0 / 255.0;

void main() {
    float alpha = min(v_color.a * exp(-0.5 * dot(v_offset, v_offset)), ALPHA_MAX);
    if (alpha < ALPHA_MIN) discard;
    o_color = vec4((u_depth ? vec3(v_depth) : v_color.rgb) * alpha, alpha);
}
