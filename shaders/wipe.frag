#version 330 core
// The left part of the picture, which shows the photo, and the line at its edge.

uniform sampler2D u_photo;   // sRGB, top row first
uniform float u_wipe;        // of the width: how much shows the photo
uniform float u_line;        // of the width: half as wide as the line
uniform vec4 u_photo_place;  // left, top, right, bottom of the photo, of the picture's size, y down

in vec2 v_place;  // [0, 1], (0, 0) at the bottom left

out vec4 o_color;

void main() {
    vec2 down = vec2(v_place.x, 1.0 - v_place.y);
    vec2 inside = (down - u_photo_place.xy) / (u_photo_place.zw - u_photo_place.xy);
    o_color = vec4(texture(u_photo, inside).rgb, 1.0);
    if (u_wipe < 1.0 && abs(down.x - u_wipe) < u_line) o_color = vec4(1.0);
    else if (down.x > u_wipe || any(lessThan(inside, vec2(0.0))) || any(greaterThan(inside, vec2(1.0)))) discard;
}
