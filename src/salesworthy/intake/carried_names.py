"""Names under which columns outside the vocabulary are carried: engines do not tell cases apart."""

from __future__ import annotations

from collections.abc import Collection

from salesworthy.domain.tables import TableSpec
from salesworthy.intake.row_writers import FILE, ROW


class CarriedNames:
    """Names of the carried columns of one table, over all of its sources.

    Example:
        >>> from salesworthy.domain.tables import TABLES
        >>> names = CarriedNames(TABLES["leads"])
        >>> names.free("Score", []), names.free("score", ["Score"]), names.free("SCORE", []), names.free("Role", [])
        ('Score', 'score_2', 'Score', 'theirs.Role')
    """

    def __init__(self, spec: TableSpec) -> None:
        self.reserved = {name.lower() for name in (*spec.by_name, FILE, ROW)}
        self.spelled: dict[str, str] = {}

    def free(self, name: str, taken: Collection[str]) -> str:
        """The name for a column of a source whose other columns have taken theirs.

        A column of another source that is called the same but for case is the same column.
        """
        plain = f"theirs.{name}" if name.lower() in self.reserved else name
        lowered = {each.lower() for each in taken}
        own, number = plain, 2
        while own.lower() in lowered:
            own, number = f"{plain}_{number}", number + 1
        return self.spelled.setdefault(own.lower(), own)
