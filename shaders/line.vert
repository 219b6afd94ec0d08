#version 330 core
// Straight lines of a width in pixels: 4 vertices (a strip) for each instance, a segment.

uniform mat4 u_clip_from_scene;
uniform vec2 u_size;   // pixels
uniform float u_width; // pixels
uniform vec3 u_eye;    // scene frame
uniform float u_hide;  // scene units: segments whose anchor is nearer to the eye are left out

in vec3 in_start;   // scene frame
in vec3 in_end;     // scene frame
in vec4 in_color;   // sRGB and alpha, [0, 1]
in vec3 in_anchor;  // scene frame

flat out vec4 v_color;
noperspective out float v_across;  // pixels from the middle of the line

void main() {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);  // nowhere
    v_color = in_color;
    v_across = 0.0;
    vec4 start = u_clip_from_scene * vec4(in_start, 1.0);
    vec4 end = u_clip_from_scene * vec4(in_end, 1.0);
    float start_in = start.z + start.w, end_in = end.z + end.w;  // before the near plane
    if ((start_in <= 0.0 && end_in <= 0.0) || distance(in_anchor, u_eye) < u_hide) return;
    if (start_in < 0.0) start = mix(start, end, start_in / (start_in - end_in));
    else if (end_in < 0.0) end = mix(end, start, end_in / (end_in - start_in));

    vec2 run = (end.xy / end.w - start.xy / start.w) * u_size;
    vec2 along = dot(run, run) > 0.0 ? normalize(run) : vec2(1.0, 0.0);
    float side = float(gl_VertexID & 1) * 2.0 - 1.0;
    v_across = side * (0.5 * u_width + 0.5);
    vec4 place = gl_VertexID < 2 ? start : end;
    gl_Position = place;
    gl_Position.xy += vec2(-along.y, along.x) * v_across * 2.0 / u_size * place.w;
}
