#version 330 core
// One ellipse a splat, as two triangles: draw instances of 128 splats, six indices
// (0 1 2, 1 3 2, then 4 more for the next splat) each. Reads what splat_project.frag wrote.

uniform usampler2D u_place;  // [rows, 1024] centre x, y (pixels, y down), z (scene units), opacity and blue
uniform usampler2D u_look;   // [rows, 1024] half axes (pixels), red and green
uniform int u_first;         // number, from far to near, of the first splat
uniform int u_last;          // and of the one after the last
uniform vec2 u_size;         // pixels
uniform vec4 u_clip_depth;   // clip z = x * z + y, clip w = z * z + w of this vector and z

out vec2 v_offset;       // from the centre, in standard deviations
flat out vec4 v_color;   // sRGB, opacity
flat out float v_depth;  // z, scene units

void main() {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);  // nowhere
    v_offset = vec2(0.0);
    v_color = vec4(0.0);
    v_depth = 0.0;
    int number = u_first + gl_InstanceID * 128 + (gl_VertexID >> 2);
    if (number >= u_last) return;
    ivec2 at = ivec2(number & 1023, number >> 10);
    uvec4 place = texelFetch(u_place, at, 0);
    float opacity = float(place.w & 0xffffu) / 65535.0;
    if (!(opacity > 0.0)) return;
    uvec4 look = texelFetch(u_look, at, 0);

    vec3 centre = uintBitsToFloat(place.xyz);
    vec3 axes = uintBitsToFloat(look.xyz);
    vec2 corner = vec2(gl_VertexID & 1, (gl_VertexID >> 1) & 1) * 2.0 - 1.0;
    // To where the splat fades below 1 / 255.
    v_offset = corner * sqrt(2.0 * log(opacity * 255.0));
    vec2 across = vec2(-axes.y, axes.x) * (axes.z * inversesqrt(dot(axes.xy, axes.xy)));
    vec2 pixel = centre.xy + v_offset.x * axes.xy + v_offset.y * across;
    uvec3 halves = uvec3(look.w, look.w >> 16, place.w >> 16) & 0x7fffu;
    v_color = vec4(uintBitsToFloat(halves << 13) * 5.192296858534828e33, opacity);  // 2^112
    v_depth = centre.z;
    float depth = (u_clip_depth.x * centre.z + u_clip_depth.y) / (u_clip_depth.z * centre.z + u_clip_depth.w);
    // Nearer than the depth range or further only as far as the depth test goes.
    gl_Position = vec4(pixel.x * 2.0 / u_size.x - 1.0, 1.0 - pixel.y * 2.0 / u_size.y,
                       clamp(depth, -1.0, 1.0), 1.0);
}
