"""The JSON API: what pages show, for programs, each with a token of its own."""

from salesworthy.web.api.routes import AREA

__all__ = ["AREA"]
