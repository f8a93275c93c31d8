"""Reading the catalogue: `catalog()` is cached and each table is read when it is first asked for.

Importing this module is cheap: schemas (pydantic) and the YAML reader are imported with the first table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from headframe.core.errors import HeadframeError, Problems, did_you_mean

if TYPE_CHECKING:
    from pydantic import BaseModel

    from headframe.catalog import schema
    from headframe.core.words import Words

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "zh")
DEEPEST = 50
T = TypeVar("T")
Other = TypeVar("Other")
M = TypeVar("M", bound="BaseModel")


class Table(Mapping[str, T]):
    """A read-only mapping from id to entry whose unknown ids are explained (HF201), with the closest id."""

    def __init__(self, kind: str, entries: Mapping[str, T]) -> None:
        self.kind = kind
        self._entries = dict(entries)

    def __getitem__(self, identifier: str) -> T:
        try:
            return self._entries[identifier]
        except KeyError:
            raise HeadframeError.of(
                "HF201",
                f"catalog/{self.kind}",
                kind=self.kind,
                id=identifier,
                suggestion=did_you_mean(str(identifier), list(self._entries)) or "—",
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, identifier: object) -> bool:
        return identifier in self._entries

    def get(self, identifier: str, default: Other | None = None) -> T | Other | None:  # type: ignore[override]
        """The entry, or `default` where the id is unknown."""
        return self._entries.get(identifier, default)

    def __repr__(self) -> str:
        return f"Table({self.kind!r}, {len(self)} entries)"


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file. Raises HF202 when the file is not a readable mapping with unique keys."""
    import yaml

    try:
        text = path.read_text(encoding="utf-8-sig")
        if FOLDER not in path.parents and _too_deep(text):  # the built-in files are known to be flat
            raise HeadframeError.of("HF202", path.name, reason="[[[…")
        reader = _loader()(text)
        try:
            node = reader.get_single_node()
            content = None if node is None else _Reading(reader, path).value(node)
        finally:
            reader.dispose()
    except (yaml.YAMLError, ValueError) as error:  # ValueError: bad bytes, or a date that is none
        raise HeadframeError.of("HF202", path.name, reason=str(error).replace("\n", " ")) from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise HeadframeError.of("HF202", path.name, reason="—")
    return content


def _loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _too_deep(text: str) -> bool:
    """Whether a file is nested beyond any use; the reader's C code would exhaust the stack and end the process."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=_loader()):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return True
    return False


class _Reading:
    """Turns YAML nodes into values. The usual reader keeps the last of two equal keys and loses an entry silently."""

    PLAIN = ("tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")

    def __init__(self, reader: Any, path: Path) -> None:
        self._reader = reader
        self._path = path
        self._known: dict[int, Any] = {}

    def value(self, node: Any) -> Any:
        """The value of a node; an alias gives the same value again, and one that holds itself is refused."""
        if node.id == "scalar":
            return node.value if node.tag == "tag:yaml.org,2002:str" else self._reader.construct_object(node)
        if id(node) not in self._known:
            self._known[id(node)] = self  # stands for "not finished"
            self._known[id(node)] = self._collection(node)
        if self._known[id(node)] is self or node.tag not in self.PLAIN:
            raise HeadframeError.of("HF202", self._path.name, reason=str(node.start_mark).strip())
        return self._known[id(node)]

    def _collection(self, node: Any) -> Any:
        if node.id == "sequence":
            return [self.value(item) for item in node.value]
        content: dict[Any, Any] = {}
        for key_node, value in node.value:
            key = self.value(key_node)
            if not isinstance(key, str | int | float | bool):
                raise HeadframeError.of("HF202", self._path.name, reason=str(key_node.start_mark).strip())
            if key in content:
                raise HeadframeError.of("HF204", f"{self._path.name}:{key_node.start_mark.line + 1}", id=key)
            content[key] = self.value(value)
        return content


def entries_from(raw: Mapping[str, Any], model: type[M], where: str) -> dict[str, M]:
    """Validate a mapping id → fields against a schema and return the models.

    All faults are collected and raised once: HF203 for a field that is unknown, missing or wrong. Used for the
    built-in files and for a city's own cards, thresholds and weights alike.
    """
    problems, entries = Problems(), {}
    for identifier, fields in raw.items():
        if not isinstance(fields, dict):
            problems.add("HF203", f"{where}, {identifier}", id=identifier, field="—", reason="—", suggestion="—")
            continue
        try:
            entries[str(identifier)] = model.model_validate({"id": str(identifier), **fields})
        except ValueError as error:
            _add_field_problems(problems, error, model, f"{where}, {identifier}", str(identifier))
    problems.raise_if_any()
    return entries


def _add_field_problems(
    problems: Problems, error: ValueError, model: type[BaseModel], where: str, identifier: str
) -> None:
    from pydantic import ValidationError

    details: Iterable[Mapping[str, Any]] = error.errors() if isinstance(error, ValidationError) else ()
    for detail in details:
        field = ".".join(str(part) for part in detail["loc"]) or "—"
        near = did_you_mean(field, list(model.model_fields)) if detail["type"] == "extra_forbidden" else ""
        problems.add(
            "HF203",
            where,
            id=identifier,
            field=field,
            reason=str(detail["msg"]),
            suggestion=near or ", ".join(model.model_fields),
        )


def read_table(paths: Iterable[Path], model: type[M], kind: str) -> Table[M]:
    """One table from one or several YAML files. Errors: HF202, HF203, and HF204 for an id in two files."""
    entries: dict[str, M] = {}
    for path in paths:
        found = entries_from(read_yaml(path), model, path.name)
        for identifier in found:
            if identifier in entries:
                raise HeadframeError.of("HF204", path.name, id=identifier)
        entries.update(found)
    return Table(kind, entries)


def read_sources(path: Path) -> dict[str, schema.Source]:
    """The sources in a CSV file by id. Errors: HF203 for a faulty row, HF204 for an id used twice."""
    import csv

    from headframe.catalog.schema import Source

    problems, found = Problems(), dict[str, Source]()
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines, restkey="extra", restval=""), start=2):
            identifier = row.get("source_id") or "—"
            try:
                source = Source.model_validate(row)
            except ValueError as error:
                _add_field_problems(problems, error, Source, f"{path.name}:{number}", identifier)
                continue
            if source.source_id in found:
                problems.add("HF204", f"{path.name}:{number}", id=source.source_id)
            found[source.source_id] = source
    problems.raise_if_any()
    return found


class Catalogue:
    """The built-in catalogue. Each attribute is a read-only table, read from its files when first used."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder

    def _table(self, pattern: str, model: type[M], kind: str) -> Table[M]:
        return read_table(sorted(self.folder.glob(pattern)), model, kind)

    @cached_property
    def indicators(self) -> Table[schema.Indicator]:
        """Quantities that observations report."""
        from headframe.catalog.schema import Indicator

        return self._table("indicators/*.yaml", Indicator, "indicator")

    @cached_property
    def concepts(self) -> Table[schema.Concept]:
        """What an observation counts."""
        from headframe.catalog.schema import Concept

        return self._table("concepts.yaml", Concept, "concept")

    @cached_property
    def sectors(self) -> Table[schema.Sector]:
        """The fourteen sectors in the order of the model's axis."""
        from headframe.catalog.schema import Sector

        return self._table("sectors.yaml", Sector, "sector")

    @cached_property
    def occupations(self) -> Table[schema.Occupation]:
        """The twelve occupations in the order of the model's axis."""
        from headframe.catalog.schema import Occupation

        return self._table("occupations.yaml", Occupation, "occupation")

    @cached_property
    def classifications(self) -> Table[schema.Classification]:
        """The published classifications that sectors and occupations are mapped to."""
        from headframe.catalog.schema import Classification

        return self._table("classifications/*.yaml", Classification, "classification")

    @cached_property
    def thresholds(self) -> Table[schema.Threshold]:
        """Lines on indicators' scales, each with its authority."""
        from headframe.catalog.schema import Threshold

        return self._table("thresholds*.yaml", Threshold, "threshold")

    @cached_property
    def levers(self) -> Table[schema.Lever]:
        """What a city can do, described."""
        from headframe.catalog.schema import Lever

        return self._table("levers*.yaml", Lever, "lever")

    @cached_property
    def cards(self) -> Table[schema.ParameterCard]:
        """Parameter cards."""
        from headframe.catalog.schema import ParameterCard

        return self._table("cards/*.yaml", ParameterCard, "card")

    @cached_property
    def sources(self) -> Table[schema.Source]:
        """Shared sources; those that one city alone uses are in that city's folder."""
        return Table("source", read_sources(self.folder / "sources.csv"))

    @cached_property
    def terms(self) -> Table[schema.Term]:
        """The glossary: one Chinese term per concept."""
        from headframe.catalog.schema import Term

        return self._table("words/glossary.yaml", Term, "term")

    @cached_property
    def units(self) -> Table[schema.UnitName]:
        """Names of units for readers."""
        from headframe.catalog.schema import UnitName

        return self._table("units.yaml", UnitName, "unit")

    def words(self, lang: str) -> Words:
        """The texts of one language with the names of all entries. Raises HF205 for another language, HF204 for
        a text id that two files define.
        """
        if lang not in LANGUAGES:
            raise HeadframeError.of("HF205", "words", lang=lang, known=", ".join(LANGUAGES))
        return _words(self, lang)

    def names(self, lang: str) -> dict[str, dict[str, str]]:
        """Kind → id → name in `lang`, for every kind of entry; units are keyed by the unit string."""
        tables: tuple[Table[Any], ...] = (
            self.indicators,
            self.concepts,
            self.sectors,
            self.occupations,
            self.thresholds,
            self.levers,
            self.cards,
            self.sources,
            self.terms,
        )
        names = {table.kind: {i: entry.name(lang) for i, entry in table.items()} for table in tables}
        names["unit"] = {unit.unit: unit.name(lang) for unit in self.units.values()}
        return names


@cache
def _words(of: Catalogue, lang: str) -> Words:
    from headframe.core.words import Words

    texts: dict[str, Any] = {}
    for path in sorted((of.folder / "words" / lang).glob("*.yaml")):
        found = read_yaml(path)
        for identifier in found.keys() & texts.keys():
            raise HeadframeError.of("HF204", f"words/{lang}/{path.name}", id=identifier)
        texts.update(found)
    return Words(lang, texts, of.names(lang))


@cache
def catalog() -> Catalogue:
    """The built-in catalogue, read once per process."""
    return Catalogue()
