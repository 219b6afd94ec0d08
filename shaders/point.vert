#version 330 core
// Points of one size in pixels.

uniform mat4 u_clip_from_scene;
uniform vec4 u_depth_row;    // z before the eye of a scene point p is dot(xyz, p) + w
uniform float u_point_size;  // pixels

in vec3 in_position;  // scene frame
in vec3 in_color;     // sRGB, [0, 1]

flat out vec3 v_color;
flat out float v_depth;  // scene units

void main() {
    v_color = in_color;
    v_depth = dot(u_depth_row.xyz, in_position) + u_depth_row.w;
    gl_Position = u_clip_from_scene * vec4(in_position, 1.0);
    gl_PointSize = u_point_size;
}
