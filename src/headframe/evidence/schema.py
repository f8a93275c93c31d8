"""The columns and code lists of the evidence files of a city folder (schema version 1)."""

from __future__ import annotations

from dataclasses import dataclass

SCHEMA_VERSION = 1

OBSERVATION_COLUMNS = (
    "obs_id",
    "place_id",
    "indicator_id",
    "period_start",
    "period_end",
    "period_text",
    "freq",
    "dims",
    "qualifier",
    "value",
    "low",
    "high",
    "value_text",
    "unit",
    "price_basis",
    "concept",
    "status",
    "method",
    "vintage",
    "reference_date",
    "boundary_version",
    "source_id",
    "locator",
    "raw_text",
    "import_id",
    "replaces",
    "note",
    "note_zh",
)
# Columns that a hand-written table may leave out; they are then empty.
OPTIONAL_COLUMNS = frozenset(
    {
        "period_text",
        "dims",
        "low",
        "high",
        "value_text",
        "reference_date",
        "boundary_version",
        "locator",
        "raw_text",
        "import_id",
        "replaces",
        "note",
        "note_zh",
    }
)
SOURCE_COLUMNS = (
    "source_id",
    "title",
    "title_en",
    "title_zh",
    "author",
    "publisher",
    "date",
    "language",
    "licence",
    "doi",
    "url",
    "sha256",
    "reliability",
    "how_read",
    "note_en",
    "note_zh",
)
EVENT_COLUMNS = (
    "event_id",
    "place_id",
    "date_start",
    "date_end",
    "date_text",
    "kind",
    "title_en",
    "title_zh",
    "qualifier",
    "source_id",
    "locator",
    "note_en",
    "note_zh",
)
FINDING_COLUMNS = (
    "finding_id",
    "place_id",
    "kind",
    "obs_ids",
    "against_obs_ids",
    "against_value",
    "against_unit",
    "against_source_id",
    "decidable",
    "treatment",
    "severity",
    "note_en",
    "note_zh",
)
# What a computed finding carries besides: the detector, the text id of its reason with its values as JSON, the
# detector's score, the chance, and whether the last audit still found it (`gone` where only a decision keeps it).
COMPUTED_COLUMNS = ("detector", "reason", "values", "score", "chance", "state")
DECISION_COLUMNS = ("finding_id", "decision", "treatment", "by", "date", "note")
PLACE_COLUMNS = (
    *("place_id", "name_en", "name_zh", "level", "country", "parent", "gb_code", "resource_type", "aliases"),
    *("note_en", "note_zh"),
)
IMPORT_COLUMNS = ("import_id", "date", "kind", "author", "reason", "file", "sha256", "rows", "withdrawn")


@dataclass(frozen=True)
class CodeList:
    """The codes that a column may hold, best first where the order ranks them."""

    column: str
    codes: tuple[str, ...]


FREQUENCIES = CodeList("freq", ("A", "P", "M", "N"))
QUALIFIERS = CodeList("qualifier", ("=", "~", "<", "<=", ">", ">=", "range", "text"))
# SDMX code list CL_OBS_STATUS, in the order in which candidates are preferred.
STATUSES = CodeList("status", ("A", "B", "P", "D", "E", "I", "S", "G", "N", "V", "F", "U", "M", "O", "L", "H", "Q"))
METHODS = CodeList("method", ("reported", "derived", "interpolated", "estimated", "assumed", "simulated"))
RELIABILITIES = CodeList("reliability", ("high", "medium", "low"))
EVENT_KINDS = CodeList(
    "kind",
    (
        *("designation", "closure", "opening", "bankruptcy", "programme", "law", "relocation", "accident", "discovery"),
        *("restoration", "ownership", "plan", "festival", "other"),
    ),
)
EVENT_QUALIFIERS = CodeList("qualifier", ("=", "~", "<", "<=", ">", ">=", ""))
FINDING_KINDS = CodeList(
    "kind",
    (
        *("contradicts-source", "contradicts-itself", "unit-slip", "nominal-for-real", "impossible", "arithmetic"),
        *("vague-definition", "series-stops", "selective"),
        # found by the audit alone
        *("straight-line", "equal-growth", "repeated", "spike", "break", "boundary-jump", "bunching", "digits", "gap"),
    ),
)
FINDING_DECIDABLE = CodeList("decidable", ("yes", "partly", "no"))
FINDING_SEVERITIES = CodeList("severity", ("high", "medium", "low"))
DECISIONS = CodeList("decision", ("accept", "reject", "later"))
TREATMENTS = CodeList("treatment", ("keep", "low-reliability", "set-aside", "replace", "ask-source"))
CODE_LISTS = (FREQUENCIES, QUALIFIERS, STATUSES, METHODS)
