"""The line of every key of a TOML file, so that a mistake can be pointed at.

``tomllib`` keeps no positions. This walks over a text that it has parsed already, and therefore knows to be valid.
"""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

_KEY_PART = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)\s*""")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'",
    re.DOTALL,
)
_SPACE = re.compile(r"(?:\s|#[^\n]*)*")
_BARE = re.compile(r"[^,\]}\n#]*")


def key_lines(text: str) -> dict[Path, int]:
    r"""Path of each key and section -> its line, counted from 1; elements of lists by their number.

    Example:
        >>> key_lines('[a]\nb.c = 1\n[[t]]\nx = {y = 2}')
        {('a',): 1, ('a', 'b', 'c'): 2, ('a', 'b'): 2, ('t', 0): 3, ('t',): 3, ('t', 0, 'x'): 4, ('t', 0, 'x', 'y'): 4}
    """
    return _Walk(text).run()


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}

    def run(self) -> dict[Path, int]:
        section: Path = ()
        while self._skip_space() < len(self.text):
            if self.text.startswith("[[", self.at):
                section = self._header(2)
            elif self.text[self.at] == "[":
                section = self._header(1)
            else:
                self._assignment(section)
        return self.lines

    def _skip_space(self) -> int:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at

    def _note(self, path: Path) -> None:
        line = self.text.count("\n", 0, self.at) + 1
        for end in range(len(path), 0, -1):
            self.lines.setdefault(path[:end], line)

    def _header(self, brackets: int) -> Path:
        self.at += brackets
        start = self.at
        names = self._key()
        self.at += brackets
        path = self._inside_lists(names[:-1])
        if brackets == 2:
            whole = (*path, names[-1])
            number = self.counts[whole] = self.counts.get(whole, -1) + 1
            path = (*whole, number)
        else:
            path = self._inside_lists(names)
        end, self.at = self.at, start
        self._note(path)
        self.at = end
        return path

    def _inside_lists(self, names: Path) -> Path:
        """A path of names, with the number of the latest element after each list of sections."""
        path: Path = ()
        for name in names:
            path = (*path, name)
            if path in self.counts:
                path = (*path, self.counts[path])
        return path

    def _key(self) -> Path:
        parts: list[str] = []
        while True:
            found = _KEY_PART.match(self.text, self.at)
            if found is None:
                return tuple(parts)
            parts.append(_plain(found[1]))
            self.at = found.end()
            if not self.text.startswith(".", self.at):
                return tuple(parts)
            self.at += 1

    def _assignment(self, section: Path) -> None:
        self._skip_space()
        start = self.at
        path = (*section, *self._key())
        end, self.at = self.at, start
        self._note(path)
        self.at = max(end, start) + 1
        self._skip_blanks()
        self._value(path)

    def _skip_blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in " \t":
            self.at += 1

    def _value(self, path: Path) -> None:
        start = self.text[self.at : self.at + 1]
        if start == "{":
            self._members(path, "}")
        elif start == "[":
            self._members(path, "]")
        else:
            found = _STRING.match(self.text, self.at) or _BARE.match(self.text, self.at)
            self.at = found.end() if found else len(self.text)

    def _element(self, path: Path) -> None:
        self._note(path)
        self._value(path)

    def _members(self, path: Path, close: str) -> None:
        self.at += 1
        number = 0
        while self._skip_space() < len(self.text) and self.text[self.at] != close:
            if close == "}":
                self._assignment(path)
            else:
                self._element((*path, number))
            number += 1
            if self._skip_space() < len(self.text) and self.text[self.at] == ",":
                self.at += 1
        self.at += 1


def _plain(written: str) -> str:
    if written.startswith('"'):
        return re.sub(r"\\(.)", r"\1", written[1:-1])
    return written.strip("'")
