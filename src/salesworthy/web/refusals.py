"""What the gate refuses, and how it is told."""

from __future__ import annotations


class Refused(Exception):
    """A request that is not let in, or finds nothing.

    Attributes:
        status: HTTP status.
        says: The sentence that its reader sees.
        todo: What to do next.
        headers: Headers of the answer.
    """

    def __init__(self, status: int, says: str, *, todo: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(says)
        self.status = status
        self.says = says
        self.todo = todo
        self.headers = headers or {}


class NotSignedIn(Refused):
    """Nobody signed in, on a page that asks for it."""

    def __init__(self) -> None:
        super().__init__(401, "Please sign in.")


class NotFound(Refused):
    """There is no such thing, or not for this viewer: the two are told alike."""

    def __init__(self, what: str = "page") -> None:
        super().__init__(404, f"There is no such {what}, or it is not one of yours.", todo="Go back, or search for it.")


def no_right() -> Refused:
    """Signed in, but not in one of the roles."""
    return Refused(403, "Your role does not include this page.", todo="Ask an administrator if you need it.")


def no_form_token() -> Refused:
    """A change that did not come from a form of ours, or from one that is too old."""
    todo = "Go back, load the page again and repeat. Nothing was changed."
    return Refused(403, "This form is too old, or it did not come from these pages.", todo=todo)
