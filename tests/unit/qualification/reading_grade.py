"""The reading grade of a sentence, in school years.

Flesch-Kincaid grade level: 0.39 words per sentence + 11.8 syllables per word - 15.59 (Kincaid, Fishburne, Rogers and
Chissom 1975, Derivation of new readability formulas for Navy enlisted personnel, Research Branch Report 8-75). It was
fitted on passages of some 150 words: of a sentence of five words, one long one moves it by three years.
"""

from __future__ import annotations

import re

import pyphen

_HYPHENS = pyphen.Pyphen(lang="en_US", left=1, right=2)
_WORD = re.compile(r"[A-Za-z]+|\d[\d,.]*")
_ENDS = re.compile(r"[:;()]|[.?!](?!\d)")
_VOWELS = re.compile(r"[aeiouy]+")


def words_of(text: str) -> list[str]:
    """Words and numbers; "e-mail" is two."""
    return _WORD.findall(text)


def syllables(word: str) -> int:
    """The larger of two counts, each of which misses some: places to hyphenate, and groups of vowels that sound.

    Example:
        >>> [syllables(each) for each in ("asked", "evaluation", "demonstration", "price", "37")]
        [1, 5, 4, 1, 1]
    """
    plain = word.lower()
    groups = len(_VOWELS.findall(re.sub(r"(?<=[^aeiouytd])ed$|(?<=[^aeiouyl])e$", "", plain)))
    return max(1, groups, len(_HYPHENS.positions(plain)) + 1)


def sentences_of(text: str) -> list[list[str]]:
    """Their words. Flesch 1979, How to write plain English: a colon or a semicolon ends one, as a full stop does."""
    return [words for part in _ENDS.split(text) if (words := words_of(part))]


def grade(text: str) -> float:
    """The grade of what is said in one line."""
    return grade_of_all([text])


def grade_of_all(texts: list[str]) -> float:
    """The grade of lines read one after the other, as the formula is meant."""
    sentences = [each for text in texts for each in sentences_of(text)]
    words = [word for each in sentences for word in each]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
