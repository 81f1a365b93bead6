"""Bytes of text files on their way to the parser: what is no text is marked, and the end is remembered."""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import IO

MARK = "\ufffe"
"""In the place of a byte that is no text: no letter of any script, so that no file holds it otherwise."""
ESCAPED = re.compile("[\udc80-\udcff]")
"""Bytes that are no text, as ``surrogateescape`` has them."""
_BLOCK = 4 * 1024 * 1024
_TAIL = 64


class Marked(io.RawIOBase):
    """UTF-8 in which ``MARK`` stands for every byte that is none.

    Args:
        stream: Bytes.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._rest = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to so many bytes."""
        while len(self._rest) < size or size < 0:
            block = self._stream.read(_BLOCK)
            self._rest += ESCAPED.sub(MARK, self._decoder.decode(block, final=not block)).encode()
            if not block:
                break
        found, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return found


class Watched(io.RawIOBase):
    """The same bytes; the last of them are remembered.

    Args:
        stream: Bytes.
    """

    def __init__(self, stream: IO[bytes] | io.RawIOBase) -> None:
        self._stream = stream
        self._tail = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to so many bytes."""
        found = self._stream.read(size) or b""
        self._tail = (self._tail + found[-_TAIL:])[-_TAIL:]
        return found

    @property
    def ends_with_a_quote(self) -> bool:
        """Whether a quotation mark stands before the end, line breaks and blanks aside."""
        return self._tail.rstrip(b"\r\n \x00").endswith(b'"')


def is_open(text: str, delimiter: str) -> bool:
    r"""Whether a row begins a quotation that never ends, so that it swallows what follows.

    Example:
        >>> is_open('A,"one\nB,2', ","), is_open('A,"one\ntwo",3', ","), is_open('A,5" pipe', ",")
        (True, False, False)
    """
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False
