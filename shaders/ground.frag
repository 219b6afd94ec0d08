#version 330 core
// The grid on y = 0, whose cells grow tenfold where they would get too small to see, or a patch
// of plain floor; both fade towards the rim of the square.

uniform vec3 u_middle;    // scene frame
uniform float u_radius;   // scene units
uniform vec4 u_color;     // sRGB and alpha
uniform float u_spacing;  // scene units: the finest cells; 0 for a plain patch
uniform float u_width;    // pixels

in vec3 v_point;  // scene frame

out vec4 o_color;  // premultiplied

const float CELL_MIN = 18.0;  // pixels

float lines(float spacing, vec2 pixel) {
    vec2 away = abs(fract(v_point.xz / spacing - 0.5) - 0.5) * spacing / pixel;
    vec2 drawn = clamp(0.5 * u_width + 0.5 - away, 0.0, 1.0);
    return max(drawn.x, drawn.y);
}

void main() {
    vec2 out_there = (v_point.xz - u_middle.xz) / u_radius;
    float alpha = u_color.a * (1.0 - smoothstep(0.3, 1.0, length(out_there)));
    if (u_spacing > 0.0) {
        vec2 pixel = max(fwidth(v_point.xz), vec2(1e-12));  // scene units a pixel
        float level = max(log(max(pixel.x, pixel.y) * CELL_MIN / u_spacing) / log(10.0), 0.0);
        float finest = u_spacing * pow(10.0, floor(level));
        float fade = 1.0 - fract(level);
        alpha *= max(lines(finest, pixel) * 0.5 * fade,
                     max(lines(finest * 10.0, pixel) * mix(0.5, 1.0, fade),
                         lines(finest * 100.0, pixel)));
    }
    if (alpha < 0.002) discard;
    o_color = vec4(u_color.rgb * alpha, alpha);
}
