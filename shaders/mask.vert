// A part of a photo with the labels of its pixels. vispy's kind of context: GLSL 1.20.
attribute vec2 corner;       // pixels of the photo
attribute vec2 place;        // 0 to 1 across the part

uniform vec2 photo_scale;    // clip units a pixel of the photo
uniform vec2 photo_corner;   // clip units: where the photo's first corner is

varying vec2 at;

void main() {
    at = place;
    gl_Position = vec4(photo_corner + photo_scale * corner, 0.0, 1.0);
}
