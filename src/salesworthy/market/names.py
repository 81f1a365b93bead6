"""Made-up names of people and sites."""

from __future__ import annotations

import numpy as np

from salesworthy.market.arrays import Ints

_FIRST = """
Anna Ben Clara David Elena Felix Grace Hugo Ines Jonas Karin Liam Maria Noah Olga Paul Rosa Simon Tara Viktor
Wendy Yusuf Zoe Amir Beth Carlos Dana Erik Fatima George Hanna Ivan Julia Kofi Laura Mark Nina Oscar Petra Ravi
"""
_LAST = """
Adler Becker Carter Dietrich Eriksen Fischer Garcia Hoffmann Ivers Jensen Keller Larsen Meyer Novak Olsen Parker
Quinn Romano Schneider Thompson Ullmann Vogel Walker Young Zimmer Andersson Bennett Conti Dawson Ellis Ferrari
Graham Hughes Iglesias Johansson Kowalski Lehmann Morris Nielsen Patel Russo Santos Taylor Urban Virtanen Weber
Lindqvist Moretti Okafor Petrov
"""
_PLACES = """
Ashford Birkdale Cedar Dunmore Eastbrook Fairview Glenwood Harbour Ilmen Juniper Kingsway Lakeside Marienfeld
Northgate Oakdale Pinecrest Queensbury Riverside Southfield Talheim Unity Valley Westend Yarrow Zell
"""
FIRST_NAMES = tuple(_FIRST.split())
LAST_NAMES = tuple(_LAST.split())
PLACES = tuple(_PLACES.split())
PEOPLE = len(FIRST_NAMES) * len(LAST_NAMES)
SPELLINGS = 3


ALL_SPELLINGS = 4
"""Nicknames, the last of them, are only used by the scenario of second entries."""
_NICKNAMES = {
    "Ben": "Benjamin", "David": "Dave", "Felix": "Felice", "Hugo": "Hugh", "Maria": "Mary", "Paul": "Paulo",
    "Simon": "Simone", "Viktor": "Vic", "Beth": "Elizabeth", "Carlos": "Charlie", "Erik": "Eric", "George": "Georg",
    "Hanna": "Hannah", "Ivan": "Iwan", "Julia": "Julie", "Mark": "Marcus", "Oscar": "Oskar", "Elena": "Helena",
    "Liam": "William", "Karin": "Karen", "Wendy": "Gwen", "Jonas": "Jonah", "Rosa": "Rosie", "Clara": "Claire",
}  # fmt: skip
TURNED, SLIPPED, SHORT = 1, 2, 3
"""Spellings of a site beside its own."""
SITE_SPELLINGS = 4
_SHORT_FORMS = (("Hospital", "Hosp."), ("Centre", "Ctr"), ("Laboratory", "Lab"))


def full_names() -> tuple[str, ...]:
    """All names of people, ``PEOPLE`` of each spelling: the person's own, a letter missing, an initial, a nickname."""
    pairs = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
    return (
        *(f"{first} {last}" for first, last in pairs),
        *(f"{first} {last[:2]}{last[3:]}" for first, last in pairs),
        *(f"{first[0]}. {last}" for first, last in pairs),
        *(f"{_NICKNAMES.get(first, first)} {last}" for first, last in pairs),
    )


def site_names(places: Ints, facilities: list[str], spellings: Ints) -> list[str]:
    """Names of sites: place, number and kind of house; in another order, shortened or with a slip where so spelled."""
    return [
        _site_name(PLACES[place % len(PLACES)], 1 + place // len(PLACES), kind, spelling)
        for place, kind, spelling in zip(places, facilities, spellings, strict=True)
    ]


def _site_name(place: str, number: int, kind: str, spelling: int) -> str:
    if spelling == TURNED:
        return f"{kind} {place} {number}"
    if spelling == SLIPPED:
        return f"{place[:2]}{place[3:]} {number} {kind}"
    if spelling == SHORT:
        for word, short in _SHORT_FORMS:
            kind = kind.replace(word, short)
    return f"{place} {number} {kind}"


def hex_keys(numbers: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> np.ndarray[tuple[int], np.dtype[np.bytes_]]:
    """64-bit numbers as sixteen hexadecimal digits."""
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    raw = numbers.astype(">u8").view(np.uint8).reshape(-1, 8)
    return digits[np.stack([raw >> 4, raw & 15], axis=2).reshape(-1, 16)].view("S16").ravel()
