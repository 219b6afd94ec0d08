"""Who draws the pictures: asked of OpenGL before the viewport is there."""

from PySide6.QtGui import QOffscreenSurface, QOpenGLContext

GL_RENDERER = 0x1F01


def drawing_card() -> str:
    """What OpenGL calls the card, or the program, that draws; "" where it cannot be asked."""
    surface = QOffscreenSurface()
    surface.create()
    asked = QOpenGLContext()
    if not (surface.isValid() and asked.create() and asked.makeCurrent(surface)):
        return ""
    name = str(asked.functions().glGetString(GL_RENDERER) or "")
    asked.doneCurrent()
    surface.destroy()
    return name
