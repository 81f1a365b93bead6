"""Loading a catalogue: shipped sets and the workspace's own files, fitted to the tables at hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from salesworthy.domain.errors import ConfigurationMistakes, MistakeCollector
from salesworthy.domain.marks import MarkKind
from salesworthy.domain.names import nearest
from salesworthy.features.auto import auto_features
from salesworthy.features.catalogue import Catalogue, Dtype, FeatureKind
from salesworthy.features.condition_kinds import ColumnRef, Columns, ValueKind
from salesworthy.features.conditions import parse_condition
from salesworthy.features.definitions import Defined, define, kind_of
from salesworthy.features.entries import Entry, EntryFile, read_entries
from salesworthy.features.entry_reader import SharedConditions
from salesworthy.features.expression_order import unordered
from salesworthy.features.removal import LeftOut, marks_of, removed
from salesworthy.features.vocabulary import ACTS, Schema, Vocabulary

SHIPPED = files("salesworthy.features") / "catalogues"
UNDATED = ("leads", "accounts")
"""Tables whose rows hold what is known today; acts are dated, and count from their date on."""
DTYPE_KINDS = {
    Dtype.NUMBER: ValueKind.NUMBER,
    Dtype.INTEGER: ValueKind.NUMBER,
    Dtype.YES_NO: ValueKind.YES_NO,
    Dtype.CATEGORY: ValueKind.TEXT,
}


@dataclass(frozen=True)
class LoadedCatalogue:
    """The features that the tables allow, and those that were left out, each with why.

    ``after_outcome`` holds features of leads and accounts that read a column which a field map says is filled in once
    sales has the lead, each with that sentence: for the leakage audit.
    """

    catalogue: Catalogue
    left_out: tuple[LeftOut, ...] = ()
    after_outcome: Mapping[str, str] = field(default_factory=dict)


def shipped_sets() -> tuple[str, ...]:
    """Names of the catalogues that come with the package."""
    names = (each.name for each in SHIPPED.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def load_catalogue(
    entries: Sequence[str],
    *,
    root: Path,
    schema: Schema,
    auto: bool = False,
    remove: Collection[str] = (),
    outcomes: Collection[str] = (),
) -> LoadedCatalogue:
    """Load the features that a workspace names.

    A feature of a shipped set whose table or column is not at hand is left out and listed. In a workspace's own file
    the same is a mistake, because a person wrote the name. A feature of the workspace's own takes the place of a
    shipped one of the same name.

    Args:
        entries: Names of shipped sets, and catalogue files relative to ``root``, in order.
        root: Folder of the workspace.
        schema: Tables and columns at hand; see ``intake.checked``.
        auto: Whether every further column of leads and accounts becomes a feature.
        remove: Names of columns and features that are never used; an expression goes with what it reads.
        outcomes: Columns, as ``table.column``, that the outcome table is read from too: never features.

    Raises:
        ConfigurationMistakes: With all mistakes of all files, each with file and line.
    """
    mistakes = MistakeCollector(of="the feature catalogue")
    loader = _Loader(Vocabulary(schema), mistakes)
    for entry in entries:
        loader.read(entry, root)
    loader.define_all()
    mistakes.found.sort(key=lambda mistake: _line(mistake.where, entries))
    mistakes.raise_if_any()
    defined = [*loader.defined.values()]
    if auto:
        defined += auto_features(schema, defined)
    kept, gone = removed(defined, remove, schema, outcomes=outcomes)
    return LoadedCatalogue(
        Catalogue.of(each.feature for each in kept), (*loader.left_out, *gone), _after_outcome(kept, schema)
    )


def _after_outcome(defined: Sequence[Defined], schema: Schema) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in defined:
        for reference, mark in marks_of(each, schema).items():
            if mark.kind == MarkKind.AFTER_OUTCOME and reference.partition(".")[0] in UNDATED:
                found.setdefault(each.feature.name, f"{reference} {mark.says}")
    return found


class _Loader:
    """Reads files, then defines their entries: expressions last, since they may read any other feature."""

    def __init__(self, vocabulary: Vocabulary, mistakes: MistakeCollector) -> None:
        self.vocabulary = vocabulary
        self.mistakes = mistakes
        self.entries: list[tuple[Entry, EntryFile, bool]] = []
        self.shared: dict[str, SharedConditions] = {}
        self.defined: dict[str, Defined] = {}
        self.left_out: list[LeftOut] = []

    def read(self, name: str, root: Path) -> None:
        """Read a shipped set, or a file of the workspace."""
        shipped = name in shipped_sets()
        file = SHIPPED / f"{name}.yaml" if shipped else root / name
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            what = f"there is no shipped set and no readable file {name!r}"
            self.mistakes.add("features.catalogue", what, nearest(name, [*shipped_sets(), *_yaml_files(root)]))
            return
        found = read_entries(text, name, self.mistakes)
        self.entries += [(entry, found, shipped) for entry in found.entries]
        self.shared[name] = SharedConditions(found.conditions, self.vocabulary)
        if not shipped:
            self._check_shared(found)

    def define_all(self) -> None:
        """Define every entry; the catalogue keeps the order of the files."""
        self._give_way()
        self._check_names()
        order = {str(entry.values.get("name")): place for place, (entry, _, _) in enumerate(self.entries)}
        expressions = [each for each in self.entries if kind_of(each[0]) == FeatureKind.EXPRESSION]
        for entry, file, shipped in self.entries:
            if kind_of(entry) != FeatureKind.EXPRESSION:
                self._define(entry, file, shipped)
        self._define_expressions(expressions)
        self.defined = dict(sorted(self.defined.items(), key=lambda item: order[item[0]]))

    def _define_expressions(self, entries: list[tuple[Entry, EntryFile, bool]]) -> None:
        """Define expressions until no more can be: one that reads what was left out is left out as well."""
        possible = {str(entry.values.get("name")): ValueKind.NUMBER for entry, _, _ in entries}
        while True:
            kinds = {**self._mistaken(), **self._kinds(), **possible}
            features = {ColumnRef("", name): kind for name, kind in kinds.items()}
            lost = [each for each in entries if each[2] and not self._fits(*each[:2], features)]
            if not lost:
                break
            for entry, file, shipped in lost:
                self._define(entry, file, shipped, features)
                possible.pop(str(entry.values.get("name")), None)
            entries = [each for each in entries if each not in lost]
        for entry, file, shipped in entries:
            self._define(entry, file, shipped, features)
        for name in unordered({name: each.feature.reads for name, each in self.defined.items()}):
            self.mistakes.add(self.defined[name].place, f"{name}: the expression reads itself", "break the circle")

    def _mistaken(self) -> dict[str, ValueKind | None]:
        """A feature with a mistake of its own is there, as far as expressions that read it are concerned."""
        names = (str(entry.values.get("name")) for entry, _, shipped in self.entries if not shipped)
        return {name: None for name in names if name not in self.defined}

    def _kinds(self) -> dict[str, ValueKind]:
        return {name: DTYPE_KINDS[Dtype(each.feature.dtype)] for name, each in self.defined.items()}

    def _fits(self, entry: Entry, file: EntryFile, features: Columns) -> bool:
        scratch = MistakeCollector(of="")
        return define(entry, self.vocabulary, self.shared[file.name], features, scratch) is not None

    def _define(self, entry: Entry, file: EntryFile, shipped: bool, features: Columns | None = None) -> None:
        mistakes = MistakeCollector(of="") if shipped else self.mistakes
        found = define(entry, self.vocabulary, self.shared[file.name], features or {}, mistakes)
        if found is not None:
            self.defined.setdefault(found.feature.name, found)
        elif shipped:
            name = str(entry.values.get("name"))
            self.left_out.append((name, mistakes.found[0].what.removeprefix(f"{name}: ")))

    def _give_way(self) -> None:
        """A shipped feature gives way to one of the workspace's own that has its name."""
        own = {_name_key(entry): entry.at() for entry, _, shipped in self.entries if not shipped}
        replaced = [each for each in self.entries if each[2] and _name_key(each[0]) in own]
        for entry, file, _ in replaced:
            name = f"{entry.values.get('name')} of {file.name}"
            self.left_out.append((name, f"the one of {own[_name_key(entry)]} takes its place"))
        self.entries = [each for each in self.entries if each not in replaced]

    def _check_names(self) -> None:
        first: dict[str, str] = {}
        for entry, _, _ in self.entries:
            name = entry.values.get("name")
            key = _name_key(entry)
            if isinstance(name, str) and key in first:
                what = f"the name {name!r} is taken by {first[key]}"
                self.mistakes.add(entry.at("name"), what, "choose another name")
            elif isinstance(name, str):
                first[key] = entry.at()

    def _check_shared(self, file: EntryFile) -> None:
        """A shared condition must make sense on at least one table of acts."""
        for name, (text, place) in file.conditions.items():
            others = {other: parse_condition("true", place) for other in file.conditions if other != name}
            found: list[ConfigurationMistakes] = []
            tables = [table for table in ACTS if table in self.vocabulary.schema]
            for table in tables:
                try:
                    parse_condition(text, place, columns=self.vocabulary.all_act_columns(table), shared=others)
                except ConfigurationMistakes as mistakes:
                    found.append(mistakes)
            if tables and len(found) == len(tables):
                for mistake in found[0].mistakes:
                    self.mistakes.add(mistake.where, f"{name}: {mistake.what}", mistake.todo)


def _name_key(entry: Entry) -> str:
    return str(entry.values.get("name")).lower()  # engines do not tell cases apart


def _line(where: str, files: Sequence[str]) -> tuple[int, int]:
    """Place of a mistake: files in the order in which they are named, then lines."""
    file, _, line = where.rpartition(":")
    return (files.index(file) if file in files else -1, int(line) if line.isdigit() else 0)


def _yaml_files(root: Path) -> list[str]:
    return sorted(path.name for pattern in ("*.yaml", "*.yml") for path in root.glob(pattern))
