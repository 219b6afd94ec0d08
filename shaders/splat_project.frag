#version 330 core
// What each splat looks like from the eye: drawn to a target of 1024 splats a row in which
// the fragment at (x, y) is number 1024 y + x from far to near. Follows the CPU rasterizer
// (core/render/cpu/project.py) term by term.

uniform usampler2D u_order;   // [rows, 1024] which instance is drawn as this number
uniform bool u_placed;        // else every instance is the row of its number, where it was captured
uniform usampler2D u_instances;  // [rows, 1024] row of the table, slot of the pose
uniform sampler2D u_poses;    // [slots, 3] rows of the pose of a slot; all zero: not to be seen
uniform usampler2D u_shapes;  // [rows, 2048] two texels a splat, see packing.py
uniform usampler2D u_colors;  // [rows, 1024 * u_color_texels] half floats
uniform int u_color_texels;
uniform int u_coefficients;   // spherical harmonics in use: 1, 4, 9 or 16
uniform int u_count;          // splats to draw
uniform float u_thin;         // one of so many splats is drawn, so each covers so many times the area
uniform float u_blur;         // pixels^2 by which a picture of full size widens each splat

uniform mat4 u_camera_from_scene;  // x right, y down, z forward
uniform vec3 u_eye;                // scene frame: where the eye stands
uniform vec3 u_forward;            // scene frame: where it looks, unit length
uniform bool u_orthographic;
uniform vec2 u_focal;    // pixels; orthographic: pixels a scene unit
uniform vec2 u_centre;   // pixels, y down
uniform vec2 u_size;     // pixels
uniform vec4 u_limits;   // of x / z (low, high) and y / z (low, high) in the Jacobian
uniform float u_near;    // scene units
uniform vec2 u_log_scales;  // offset and step of the 16-bit log scales

uniform int u_tint;           // 0 its own colour, 1 its object's, 2 by where it comes from
uniform sampler2D u_palette;  // [rows, 1024] sRGB by an object's id; without alpha its own colour
uniform int u_colored;        // ids that have a colour
uniform vec3 u_origins[5];    // sRGB: hardly and well measured, by one photo, filled, not judged
uniform bool u_marked;        // whether any stand out
uniform usampler2D u_marks;   // [rows, 32] a bit each
uniform vec3 u_mark;          // sRGB of those
uniform bool u_dimmed;        // whether any lie in a shadow that is made up
uniform sampler2D u_dims;     // [rows, 1024] the part of its light that is taken from an instance
uniform bool u_filled;        // whether splats without evidence are drawn

// Centre x, y (pixels, y down), z (scene units) as floats; opacity in 65536 steps and blue.
layout(location = 0) out uvec4 o_place;
// Longer half axis x, y (pixels, one standard deviation) and length of the shorter as floats;
// red and green. Colours are half floats, sRGB.
layout(location = 1) out uvec4 o_look;

const float BLUR = 0.3;  // pixels^2: a splat is drawn no narrower
const float ALPHA_MIN = 1.0 / 255.0;
const float TINT = 0.65;  // how much of an object's colour; the rest is light and dark as it was
const float MARK_TINT = 0.55;
const float MARKED = 0.3;  // opacity of what stands out, at least: faint splats are to be seen too
const uint FILLED = 2u;  // from here on nothing rests on photos

vec2 pair(uint word) {
    return vec2(float(word & 0xffffu), float(word >> 16));
}

vec2 signed_pair(uint word) {
    return vec2(float(int(word << 16) >> 16), float(int(word) >> 16));
}

// Two half floats of a word; there are no denormals, infinities or NaNs among them.
vec2 halves(uint word) {
    uvec2 bits = uvec2(word, word >> 16);
    bits = ((bits & 0x8000u) << 16) | ((bits & 0x7fffu) << 13);
    return uintBitsToFloat(bits) * 5.192296858534828e33;  // 2^112: the exponents' offsets differ
}

mat3 rotation(vec4 q) {  // q: w, x, y, z
    float w = q.x, x = q.y, y = q.z, z = q.w;
    return mat3(
        1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y + w * z), 2.0 * (x * z - w * y),
        2.0 * (x * y - w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z + w * x),
        2.0 * (x * z + w * y), 2.0 * (y * z - w * x), 1.0 - 2.0 * (x * x + y * y));
}

// Two coefficients, which take three words, times their basis functions' values.
vec3 two(uint first, uint second, uint third, float basis0, float basis1) {
    vec2 a = halves(first), b = halves(second), c = halves(third);
    return basis0 * vec3(a, b.x) + basis1 * vec3(b.y, c);
}

vec3 color(int row, vec3 d) {
    ivec2 at = ivec2((row & 1023) * u_color_texels, row >> 10);
    float x = d.x, y = d.y, z = d.z;
    uvec4 a = texelFetch(u_colors, at, 0);
    vec3 sum = vec3(0.5);
    if (u_coefficients == 1) {
        return max(sum + two(a.x, a.y, 0u, 0.28209479177387814, 0.0), 0.0);
    }
    const float C1 = 0.4886025119029199;
    uvec4 b = texelFetch(u_colors, at + ivec2(1, 0), 0);
    sum += two(a.x, a.y, a.z, 0.28209479177387814, -C1 * y);
    sum += two(a.w, b.x, b.y, C1 * z, -C1 * x);
    if (u_coefficients == 4) return max(sum, 0.0);

    const float C2 = 1.0925484305920792;
    float xx = x * x, yy = y * y, zz = z * z;
    uvec4 c = texelFetch(u_colors, at + ivec2(2, 0), 0);
    uvec4 e = texelFetch(u_colors, at + ivec2(3, 0), 0);
    sum += two(b.z, b.w, c.x, C2 * x * y, -C2 * y * z);
    sum += two(c.y, c.z, c.w, 0.31539156525252005 * (2.0 * zz - xx - yy), -C2 * x * z);
    if (u_coefficients == 9) {
        return max(sum + two(e.x, e.y, 0u, 0.5462742152960396 * (xx - yy), 0.0), 0.0);
    }
    uvec4 f = texelFetch(u_colors, at + ivec2(4, 0), 0);
    uvec4 g = texelFetch(u_colors, at + ivec2(5, 0), 0);
    const float C3 = -0.5900435899266435, C4 = -0.4570457994644658;
    sum += two(e.x, e.y, e.z, 0.5462742152960396 * (xx - yy), C3 * y * (3.0 * xx - yy));
    sum += two(e.w, f.x, f.y, 2.890611442640554 * x * y * z, C4 * y * (4.0 * zz - xx - yy));
    sum += two(f.z, f.w, g.x, 0.3731763325901154 * z * (2.0 * zz - 3.0 * (xx + yy)),
               C4 * x * (4.0 * zz - xx - yy));
    sum += two(g.y, g.z, g.w, 1.445305721320277 * z * (xx - yy), C3 * x * (xx - 3.0 * yy));
    return max(sum, 0.0);
}

// Covariance xx, xy, yy in pixels^2, before blurring, of a Gaussian with these axes (camera
// frame) around `seen`.
vec3 covariance(mat3 axes, vec3 seen) {
    vec3 row_x, row_y;
    if (u_orthographic) {
        row_x = vec3(u_focal.x, 0.0, 0.0);
        row_y = vec3(0.0, u_focal.y, 0.0);
    } else {
        vec2 slope = clamp(seen.xy / seen.z, u_limits.xz, u_limits.yw);
        vec2 jacobian = u_focal / seen.z;
        row_x = vec3(jacobian.x, 0.0, -jacobian.x * slope.x);
        row_y = vec3(0.0, jacobian.y, -jacobian.y * slope.y);
    }
    vec3 x = row_x * axes, y = row_y * axes;
    return vec3(dot(x, x), dot(x, y), dot(y, y));
}

float determinant(vec3 covariance) {
    return covariance.x * covariance.z - covariance.y * covariance.y;
}

// Longer half axis and length of the shorter, one standard deviation.
vec3 ellipse(vec3 covariance) {
    float half_difference = 0.5 * (covariance.x - covariance.z);
    float spread = length(vec2(half_difference, covariance.y));
    float mean = 0.5 * (covariance.x + covariance.z);
    // Of the two formulas for the eigenvector the one that does not cancel.
    vec2 along = half_difference >= 0.0 ? vec2(half_difference + spread, covariance.y)
                                        : vec2(covariance.y, spread - half_difference);
    float long_squared = mean + spread;
    float short_squared = determinant(covariance) / long_squared;
    along = spread > 1e-9 * mean ? normalize(along) : vec2(1.0, 0.0);
    return vec3(along * sqrt(long_squared), sqrt(max(short_squared, 0.0)));
}

// What stands for `marks`: the object in 16 bits, the origin in 2, the confidence in 8 (255 was
// never judged).
vec3 tinted(vec3 own, uint marks) {
    uint whose = marks & 0xffffu, origin = (marks >> 16) & 3u, sure = marks >> 24;
    vec3 chosen = u_origins[4];
    if (u_tint == 1) {
        if (whose < uint(u_colored)) {
            vec4 found = texelFetch(u_palette, ivec2(int(whose & 1023u), int(whose >> 10)), 0);
            if (found.a == 0.0) return own;
            chosen = found.rgb;
        }
    } else if (origin == 0u) {
        if (sure < 255u) chosen = mix(u_origins[0], u_origins[1], float(sure) / 254.0);
    } else {
        chosen = u_origins[origin >= FILLED ? 3 : 2];
    }
    float light = dot(own, vec3(0.299, 0.587, 0.114));
    return mix(vec3(light), chosen, TINT);
}

// Half floats in the lower halves of words; of numbers from 0 to 65504.
uvec3 to_halves(vec3 c) {
    return (floatBitsToUint(min(c, 65504.0) * 1.925929944387236e-34) + 0x1000u) >> 13;  // 2^-112
}

void main() {
    ivec2 place = ivec2(gl_FragCoord.xy);
    o_place = uvec4(0u);
    o_look = uvec4(0u);
    if (place.y * 1024 + place.x >= u_count) return;
    int row = int(texelFetch(u_order, place, 0).x);
    float light = u_dimmed ? 1.0 - texelFetch(u_dims, ivec2(row & 1023, row >> 10), 0).r : 1.0;
    mat3 turn = mat3(1.0);  // and scale, scene from capture
    vec3 shift = vec3(0.0);
    if (u_placed) {
        ivec2 instance = ivec2(texelFetch(u_instances, ivec2(row & 1023, row >> 10), 0).xy);
        row = instance.x;
        vec4 x = texelFetch(u_poses, ivec2(0, instance.y), 0);
        vec4 y = texelFetch(u_poses, ivec2(1, instance.y), 0);
        vec4 z = texelFetch(u_poses, ivec2(2, instance.y), 0);
        if (dot(x.xyz, x.xyz) == 0.0) return;
        turn = transpose(mat3(x.xyz, y.xyz, z.xyz));
        shift = vec3(x.w, y.w, z.w);
    }
    ivec2 at = ivec2(2 * (row & 1023), row >> 10);
    uvec4 first = texelFetch(u_shapes, at, 0);
    uvec4 second = texelFetch(u_shapes, at + ivec2(1, 0), 0);
    vec3 mean = turn * uintBitsToFloat(first.xyz) + shift;
    vec3 seen = (u_camera_from_scene * vec4(mean, 1.0)).xyz;
    float opacity = float(second.w >> 16) / 65535.0;
    uint bits = u_marked ? texelFetch(u_marks, ivec2((row & 1023) >> 5, row >> 10), 0).x : 0u;
    bool marked = ((bits >> uint(row & 31)) & 1u) == 1u;
    if (marked) opacity = max(opacity, MARKED);
    if (!(seen.z > u_near && opacity > ALPHA_MIN)) return;
    if (!u_filled && ((first.w >> 16) & 3u) >= FILLED) return;

    vec4 quaternion = normalize(vec4(signed_pair(second.x), signed_pair(second.y)));
    vec3 scales = exp(vec3(pair(second.z), float(second.w & 0xffffu)) * u_log_scales.y + u_log_scales.x);
    mat3 axes = mat3(u_camera_from_scene) * turn * rotation(quaternion);
    axes = mat3(axes[0] * scales.x, axes[1] * scales.y, axes[2] * scales.z);
    vec3 sharp = covariance(axes, seen);
    vec3 flat_shape = sharp + vec3(BLUR, 0.0, BLUR);
    // In a smaller picture the blur is wider than it should be: fainter, it covers no more.
    opacity *= sqrt(determinant(sharp + vec3(u_blur, 0.0, u_blur)) / determinant(flat_shape));
    flat_shape *= u_thin;
    if (!(opacity > ALPHA_MIN)) return;
    vec2 centre = u_focal * (u_orthographic ? seen.xy : seen.xy / seen.z) + u_centre;

    // Beside the picture, or not a number.
    float reach = sqrt(2.0 * log(opacity / ALPHA_MIN));
    vec2 extent = reach * sqrt(flat_shape.xz);
    if (!(all(greaterThan(centre + extent, vec2(0.0))) && all(lessThan(centre - extent, u_size))
          && all(lessThan(flat_shape.xz, vec2(1e12))))) return;

    vec3 direction = u_orthographic ? u_forward : mean - u_eye;
    vec3 shown = light * color(row, normalize(direction * turn));  // as it was seen where it was captured
    if (u_tint != 0) shown = tinted(shown, first.w);
    if (marked) shown = mix(vec3(dot(shown, vec3(0.299, 0.587, 0.114))), u_mark, MARK_TINT);
    uvec3 rgb = to_halves(shown);
    uint opacity_bits = uint(opacity * 65535.0 + 0.5);
    o_place = uvec4(floatBitsToUint(vec3(centre, seen.z)), opacity_bits | (rgb.b << 16));
    o_look = uvec4(floatBitsToUint(ellipse(flat_shape)), rgb.r | (rgb.g << 16));
}
