"""Exports for people: the leads of a queue as CSV or XLSX, through the same gate, and safe to open."""

from salesworthy.web.exports.routes import AREA

__all__ = ["AREA"]
