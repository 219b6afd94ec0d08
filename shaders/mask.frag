// A photo, brighter or darker, under the colours of its labels. GLSL 1.20.
uniform sampler2D photo;     // RGB, sRGB values
uniform sampler2D labels;    // red: slot of the palette, alpha: whether an answer holds the pixel
uniform sampler2D palette;   // a slot a column; upper row: RGB and how strongly it fills,
                             // lower row, red: how strongly its border is drawn
uniform vec2 near;           // a little way across and down, in parts of the labels
uniform float brightness;    // exponent of sRGB values
uniform float fill;          // 0 to 1
uniform float outline;       // 0 to 1
uniform vec3 answer_color;   // of what the segmenter found
uniform float answer_shown;  // 0 or 1

varying vec2 at;

vec2 said(vec2 place) {
    vec4 found = texture2D(labels, place);
    return vec2(found.r * 255.0, found.a);
}

vec4 column(float slot, float row) {
    return texture2D(palette, vec2((slot + 0.5) / 256.0, row));
}

void main() {
    vec3 color = pow(texture2D(photo, at).rgb, vec3(brightness));
    vec2 here = said(at);
    vec2 left = said(at - vec2(near.x, 0.0)), right = said(at + vec2(near.x, 0.0));
    vec2 above = said(at - vec2(0.0, near.y)), below = said(at + vec2(0.0, near.y));
    vec2 most = max(max(left, right), max(above, below));
    vec2 least = min(min(left, right), min(above, below));

    vec4 paint = column(here.x, 0.25);
    color = mix(color, paint.rgb, paint.a * fill);
    bool border = most.x > here.x + 0.5 || least.x < here.x - 0.5;
    if (border) {
        color = mix(color, paint.rgb, column(here.x, 0.75).r * outline);
    }
    if (answer_shown > 0.5) {
        if (here.y > 0.5) {
            color = mix(color, answer_color, 0.45);
        }
        if (most.y - least.y > 0.5) {
            // Dashes, so that it shows on whatever is below.
            float dash = mod(gl_FragCoord.x + gl_FragCoord.y, 8.0);
            color = dash < 4.0 ? vec3(1.0) : vec3(0.05);
        }
    }
    gl_FragColor = vec4(color, 1.0);
}
