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


def full_names() -> tuple[str, ...]:
    """All names of people: as the person writes it, with a letter missing, with an initial; ``PEOPLE`` of each."""
    pairs = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
    return (
        *(f"{first} {last}" for first, last in pairs),
        *(f"{first} {last[:2]}{last[3:]}" for first, last in pairs),
        *(f"{first[0]}. {last}" for first, last in pairs),
    )


def site_names(places: Ints, facilities: list[str]) -> list[str]:
    """Names of sites: place, number and kind of house."""
    return [
        f"{PLACES[place % len(PLACES)]} {1 + place // len(PLACES)} {kind}"
        for place, kind in zip(places, facilities, strict=True)
    ]


def hex_keys(numbers: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> np.ndarray[tuple[int], np.dtype[np.bytes_]]:
    """64-bit numbers as sixteen hexadecimal digits."""
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    raw = numbers.astype(">u8").view(np.uint8).reshape(-1, 8)
    return digits[np.stack([raw >> 4, raw & 15], axis=2).reshape(-1, 16)].view("S16").ravel()
