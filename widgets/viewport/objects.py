"""The OpenGL objects of one owner, counted, so that none is left behind."""

from collections import Counter
from typing import Any, Protocol, TypeVar

import moderngl
import numpy as np

from shaders import source


class Released(Protocol):
    """Any OpenGL object."""

    def release(self) -> None: ...


Kind = TypeVar("Kind", bound=Released)
Size = tuple[int, int]


class Objects:
    """Makes OpenGL objects in `context` and knows which are alive."""

    def __init__(self, context: moderngl.Context) -> None:
        self.context = context
        self._alive: list[Released] = []

    def program(self, vertex: str, fragment: str) -> moderngl.Program:
        """The program of these two shader files."""
        return self._keep(
            self.context.program(vertex_shader=source(vertex), fragment_shader=source(fragment))
        )

    def vertices(
        self,
        program: moderngl.Program,
        content: list[tuple[Any, ...]],
        index: moderngl.Buffer | None = None,
    ) -> moderngl.VertexArray:
        return self._keep(self.context.vertex_array(program, content, index_buffer=index))

    def buffer(self, data: bytes) -> moderngl.Buffer:
        return self._keep(self.context.buffer(data))

    def texture(self, size: Size, components: int, kind: str = "f1") -> moderngl.Texture:
        """An empty texture; `kind` as in moderngl. Integers are read texel by texel."""
        made = self.context.texture(size, components, dtype=kind, alignment=1)
        if kind.startswith("u"):
            made.filter = (moderngl.NEAREST, moderngl.NEAREST)
        made.repeat_x = made.repeat_y = False
        return self._keep(made)

    def layers(self, size: tuple[int, int, int]) -> moderngl.TextureArray:
        """Pictures of one size, RGB."""
        return self._keep(self.context.texture_array(size, 3, alignment=1))

    def depth(self, size: Size) -> moderngl.Texture:
        return self._keep(self.context.depth_texture(size))

    def framebuffer(
        self, colors: list[moderngl.Texture], depth: moderngl.Texture | None = None
    ) -> moderngl.Framebuffer:
        return self._keep(self.context.framebuffer(colors, depth))

    def release(self, *gone: Released | None) -> None:
        """Release these; those that are None, or were released before, are passed over."""
        for each in gone:
            if each is not None and any(each is alive for alive in self._alive):
                each.release()
                self._alive = [alive for alive in self._alive if alive is not each]

    def release_all(self) -> None:
        # What refers to others goes first.
        self.release(*reversed(self._alive))

    def counts(self) -> dict[str, int]:
        """How many objects of each kind are alive."""
        return dict(Counter(type(each).__name__ for each in self._alive))

    def _keep(self, made: Kind) -> Kind:
        self._alive.append(made)
        return made


def set_uniforms(program: moderngl.Program, **values: Any) -> None:
    """Set those of `values` that the compiler kept; a matrix is written row by row."""
    for name, value in values.items():
        if name not in program:
            continue
        uniform = program[name]
        assert isinstance(uniform, moderngl.Uniform)
        if isinstance(value, np.ndarray):
            uniform.write(np.ascontiguousarray(value.T, np.float32).tobytes())
        else:
            uniform.value = value
