#version 330 core
// The finished picture over the background.

uniform sampler2D u_color;  // premultiplied sRGB and alpha
uniform vec4 u_background;  // premultiplied sRGB and alpha

in vec2 v_place;  // [0, 1], (0, 0) at the bottom left

out vec4 o_color;  // premultiplied

void main() {
    vec4 picture = texture(u_color, v_place);
    o_color = picture + u_background * (1.0 - picture.w);
}
