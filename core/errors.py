"""Errors written for the person at the screen: what happened, and what to do next."""


class UserError(Exception):
    """Something the user can act on.

    `problem` says what happened, with the values at fault; `hint` says what to do.
    """

    def __init__(self, problem: str, *, hint: str) -> None:
        super().__init__(problem, hint)
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.problem} {self.hint}"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.problem, self.hint)


class Unavailable(UserError):
    """An optional part (package, weights, device) is missing; the hint names the next best way."""


def _rebuild(kind: type[UserError], problem: str, hint: str) -> UserError:
    return kind(problem, hint=hint)
