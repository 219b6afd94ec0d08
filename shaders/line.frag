#version 330 core
// A line with soft edges. What shows through the edge must not be cut off by the line's depth.

uniform float u_width;  // pixels

flat in vec4 v_color;              // sRGB and alpha
noperspective in float v_across;   // pixels from the middle

out vec4 o_color;  // premultiplied

void main() {
    float alpha = v_color.a * clamp(0.5 * u_width + 0.5 - abs(v_across), 0.0, 1.0);
    if (alpha <= 0.0) discard;
    gl_FragDepth = alpha > 0.5 ? gl_FragCoord.z : 1.0;
    o_color = vec4(v_color.rgb * alpha, alpha);
}
