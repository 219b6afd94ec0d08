#version 330 core
// A horizontal square: 4 vertices (a strip), no inputs.

uniform mat4 u_clip_from_scene;
uniform vec3 u_middle;   // scene frame
uniform float u_radius;  // scene units

out vec3 v_point;  // scene frame

void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
    v_point = u_middle + u_radius * vec3(corner.x, 0.0, corner.y);
    gl_Position = u_clip_from_scene * vec4(v_point, 1.0);
}
