#version 330 core
// One triangle that covers the whole target, for passes that compute every pixel.
// Draw 3 vertices; no inputs.

out vec2 v_place;  // [0, 1] across the target, OpenGL's way up: (0, 0) is its first row

void main() {
    v_place = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0;
    gl_Position = vec4(v_place * 2.0 - 1.0, 0.0, 1.0);
}
