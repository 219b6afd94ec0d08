#version 330 core
// Photos on the image planes of their cameras: 4 vertices (a strip) for each instance, a photo.

uniform mat4 u_clip_from_scene;
uniform vec3 u_eye;    // scene frame
uniform float u_hide;  // scene units: photos whose camera is nearer to the eye are left out

in vec3 in_camera;   // scene frame: where the camera stands
in vec3 in_corner;   // scene frame: the picture's top left corner
in vec3 in_right;    // scene units: along its upper edge to the next corner
in vec3 in_down;     // scene units: along its left edge
in float in_layer;   // of u_pictures

out vec3 v_place;  // across, down and layer in u_pictures

void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    v_place = vec3(corner, in_layer);
    vec3 point = in_corner + corner.x * in_right + corner.y * in_down;
    gl_Position = distance(in_camera, u_eye) < u_hide
        ? vec4(2.0, 2.0, 2.0, 1.0) : u_clip_from_scene * vec4(point, 1.0);
}
