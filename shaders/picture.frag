#version 330 core
// A photo, seen from before or behind.

uniform sampler2DArray u_pictures;  // sRGB, top row first
uniform float u_opacity;

in vec3 v_place;

out vec4 o_color;  // premultiplied

void main() {
    o_color = vec4(texture(u_pictures, v_place).rgb, 1.0) * u_opacity;
}
