"""How a delimited text file is written: its compression, encoding, delimiter and header."""

from __future__ import annotations

import codecs
import csv
import io
import lzma
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from salesworthy.intake.file_faults import FileFault, fault_of, file_error
from salesworthy.intake.text_streams import ESCAPED

DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 256 * 1024
DAMAGED = (OSError, EOFError, lzma.LZMAError, zlib.error)
"""What readers of compressed files raise when a file is damaged."""
_BLOCK = 4 * 1024 * 1024
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_FALLBACKS = ("cp1252", "latin-1")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ASCII = re.compile(r"[\x00-\x7f]+")


@dataclass(frozen=True)
class Dialect:
    """How one file is written.

    Attributes:
        encoding: Its encoding.
        delimiter: What stands between values.
        columns: Unique names.
        repeated: Names that the header has more than once.
        damaged: Whether it is UTF-8 but for a few bytes.
    """

    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    repeated: tuple[str, ...]
    damaged: bool = False


def open_bytes(path: Path) -> IO[bytes]:
    """The bytes of a file, decompressed as its last suffix says."""
    suffix = path.suffix.lower()
    if suffix == ".gz":
        import gzip

        return cast("IO[bytes]", gzip.open(path, "rb"))
    if suffix == ".bz2":
        import bz2

        return cast("IO[bytes]", bz2.open(path, "rb"))
    if suffix == ".xz":
        return cast("IO[bytes]", lzma.open(path, "rb"))
    if suffix == ".zst":
        import pyarrow as pa

        return cast("IO[bytes]", pa.CompressedInputStream(pa.OSFile(str(path)), "zstd"))
    return path.open("rb")


def read_dialect(path: Path, *, delimiter: str | None, encoding: str | None) -> Dialect:
    """How a file is written.

    Args:
        path: The file.
        delimiter: As the settings say; detected when None.
        encoding: As the settings say; detected when None: a byte order mark, UTF-8, else Windows-1252 or Latin-1.

    Raises:
        UserError: When the file cannot be read, or is empty.
    """
    damaged = False
    try:
        if encoding is None:
            encoding, damaged = detect_encoding(path)
        with open_bytes(path) as stream:
            text = io.TextIOWrapper(io.BytesIO(stream.read(SAMPLE)), encoding, errors="replace", newline="").read()
    except (*DAMAGED, UnicodeError) as error:
        raise file_error(fault_of(error), path.name, error) from error
    text = text.removeprefix("\ufeff").lstrip("\r\n")
    if not text.strip():
        raise file_error(FileFault.EMPTY_FILE, path.name)
    chosen = delimiter or detect_delimiter(text, prefer_tab=".tsv" in path.suffixes)
    columns, repeated = unique_names(next(csv.reader(io.StringIO(text, newline=""), delimiter=chosen)))
    if any(map(_CONTROL.search, columns)):
        raise file_error(FileFault.DAMAGED_FILE, path.name, "its header holds a letter that nobody can type")
    return Dialect(encoding, chosen, columns, repeated, damaged)


def detect_encoding(path: Path) -> tuple[str, bool]:
    """The encoding of a file, from a byte order mark or from what its bytes can be, and whether a few do not fit it.

    Other encodings than UTF-8 hardly ever hold sequences that UTF-8 knows, so a file in which these outnumber what does
    not fit is UTF-8 that was damaged.
    """
    with open_bytes(path) as stream:
        start = stream.read(4)
    for mark, encoding in _BOMS[1:]:
        if start.startswith(mark):
            return encoding, False
    if _decodes(path, "utf-8"):
        return "utf-8", False
    if start.startswith(codecs.BOM_UTF8) or _is_mostly_utf_8(path):
        return "utf-8", True
    return next(encoding for encoding in _FALLBACKS if _decodes(path, encoding)), False


def _is_mostly_utf_8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    fit = unfit = 0
    for block in _blocks(path):
        text = decoder.decode(block)
        strange = _ASCII.sub("", text)
        escaped = len(ESCAPED.findall(strange))
        fit, unfit = fit + len(strange) - escaped, unfit + escaped
    return fit > unfit


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in _blocks(path):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _blocks(path: Path) -> Iterator[bytes]:
    with open_bytes(path) as stream:
        while block := stream.read(_BLOCK):
            yield block


def detect_delimiter(text: str, *, prefer_tab: bool = False) -> str:
    r"""The delimiter under which most rows are as wide as the header.

    Example:
        >>> detect_delimiter("id;size\n1;2,5\n2;3,5\n")
        ';'
        >>> detect_delimiter("id\n1\n2\n")
        ','
    """
    return max(DELIMITERS, key=lambda each: (*_fit(text, each), each == "\t" and prefer_tab, -DELIMITERS.index(each)))


def _fit(text: str, delimiter: str) -> tuple[bool, float, int]:
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    except csv.Error:
        return False, 0.0, 0
    whole = rows if len(text) < SAMPLE // 2 or len(rows) < 3 else rows[:-1]
    width = len(whole[0]) if whole else 0
    same = sum(len(row) == width for row in whole) / max(len(whole), 1)
    return width > 1, round(same, 2), width


def unique_names(header: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of a header, trimmed and made unique, and those that came more than once.

    Example:
        >>> unique_names(["id ", "", "x", "x"])
        (('id', 'column 2', 'x', 'x_2'), ('x',))
    """
    plain = [name.strip() or f"column {number}" for number, name in enumerate(header, start=1)]
    taken: set[str] = set()
    repeated: list[str] = []
    for position, name in enumerate(plain):
        unique, number = name, 2
        while unique in taken or (unique != name and unique in plain):
            unique, number = f"{name}_{number}", number + 1
        if unique != name:
            repeated.append(name)
        taken.add(unique)
        plain[position] = unique
    return tuple(plain), tuple(dict.fromkeys(repeated))
