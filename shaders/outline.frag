#version 330 core
// A line around what a mask covers, drawn over the picture.

uniform sampler2D u_mask;  // how much of each pixel is covered: alpha
uniform float u_width;     // pixels
uniform vec3 u_color;      // sRGB

out vec4 o_color;  // premultiplied

const int WAYS = 12;

float covered(vec2 pixel) {
    vec2 size = vec2(textureSize(u_mask, 0));
    return texture(u_mask, clamp(pixel, vec2(0.5), size - 0.5) / size).a;
}

void main() {
    float here = covered(gl_FragCoord.xy), around = 0.0;
    for (int i = 0; i < WAYS; i++) {
        float angle = 6.2831853 * float(i) / float(WAYS);
        around = max(around, covered(gl_FragCoord.xy + u_width * vec2(cos(angle), sin(angle))));
    }
    float alpha = smoothstep(0.2, 0.6, around) * (1.0 - smoothstep(0.3, 0.7, here));
    alpha *= smoothstep(0.03, 0.1, around - here);  // what is all blur has no edge
    if (alpha <= 0.0) discard;
    o_color = vec4(u_color * alpha, alpha);
}
