// Shared by the shadings that are not colour. ramp: near is light yellow, far is dark violet,
// evenly stepped to the eye. shown_depth: z (scene units) in the range (near, far) to [0, 1].

vec3 ramp(float t) {
    const vec3 STOPS[6] = vec3[6](
        vec3(0.99, 0.91, 0.15), vec3(0.48, 0.82, 0.32), vec3(0.13, 0.66, 0.52),
        vec3(0.16, 0.47, 0.56), vec3(0.25, 0.27, 0.53), vec3(0.27, 0.00, 0.33));
    float place = clamp(t, 0.0, 1.0) * 5.0;
    int i = min(int(place), 4);
    return mix(STOPS[i], STOPS[i + 1], place - float(i));
}

float shown_depth(float z, vec2 range) {
    return (z - range.x) / max(range.y - range.x, 1e-9);
}

// A unit normal (scene frame) as the usual colours.
vec3 normal_color(vec3 normal) {
    return normal * 0.5 + 0.5;
}
