"""Candidates for a series: the entries of the concordance whose labels or codes are its own or near to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from headframe.evidence.importing.concordance import Concordance, Entry, Printed, plain
from headframe.evidence.importing.extract import Series

EXACT = {"zh": 0.98, "en": 0.95}
PER_STEP = 0.005  # a label that also names what stands above it is the surer one
DECORATED = 0.90  # without a word such as 年末 in front
PARTIAL = 0.6  # a label of codes that the concordance does not know: a part is not the whole
WEAK = 0.55
NEAR = 0.6  # of the share of common letter pairs or words
NEAREST = {"zh": 0.35, "en": 0.4}  # English words share more letters by chance
_SUFFIX = re.compile(r"(?<=[a-z])(?:current)?(?:100m|10k|pct|percent|cny|usd|eur)$")
_ENGLISH = re.compile(r"[a-z]+|[0-9]+")


@dataclass(frozen=True)
class Candidate:
    """An entry that a series may be, how near it is, and by which rule."""

    entry: Entry
    score: float
    how: str
    language: str = ""


@dataclass(frozen=True)
class Path:
    """The steps of a label in plain form, without generic last steps; `above` are all but the last in one piece."""

    steps: tuple[str, ...]

    @property
    def leaf(self) -> str:
        """The last step."""
        return self.steps[-1] if self.steps else ""

    @property
    def above(self) -> str:
        """The steps above the last."""
        return "/".join(self.steps[:-1])


def path_of(steps: Sequence[str], words: Concordance) -> Path:
    """The path of a label, in plain form."""
    found = [step for part in steps if (step := plain(part))]
    while len(found) > 1 and found[-1] in words.plain_words("generic"):
        found.pop()
    return Path(tuple(found))


def candidates(series: Series, words: Concordance) -> list[Candidate]:
    """The entries that the codes or labels of a series name, the surest first, each entry once."""
    found = list(_by_codes(series, words))
    paths = {"zh": path_of(series.chinese, words), "en": path_of(series.english, words)}
    for language, path in paths.items():
        if path.steps:
            found += _by_label(path, language, words, series.unit.printed if series.unit is not None else "")
    if restricting(series, words):
        found = [item if item.how == "codes" else replace(item, score=item.score * PARTIAL) for item in found]
    best: dict[str, Candidate] = {}
    for candidate in sorted(found, key=lambda item: (-item.score, item.entry.id)):
        best.setdefault(candidate.entry.id, candidate)
    return list(best.values())


def restricting(series: Series, words: Concordance) -> dict[str, str]:
    """The codes of a series that make it a part of what its label says, such as one sector or one sex."""
    neutral, telling = frozenset(words.words["neutral"]), frozenset(words.words["ignored"] + words.words["telling"])
    return {
        key: value
        for key, value in series.codes.items()
        if key.casefold() not in telling and value not in neutral and value.upper() not in neutral
    }


def _by_codes(series: Series, words: Concordance) -> Iterator[Candidate]:
    if not series.codes:
        return
    codes = {key.casefold(): value for key, value in series.codes.items()}
    neutral, ignored = frozenset(words.words["neutral"]), frozenset(words.words["ignored"])
    for entry in words.coded:
        for wanted in entry.codes:
            if _meets(codes, wanted, neutral, ignored):
                yield Candidate(entry, 0.97, "codes")


def _meets(
    codes: Mapping[str, str],
    wanted: Mapping[str, str | tuple[str, ...]],
    neutral: frozenset[str],
    ignored: frozenset[str],
) -> bool:
    for key, value in wanted.items():
        allowed = (value,) if isinstance(value, str) else value
        if codes.get(key, "").casefold() not in {one.casefold() for one in allowed}:
            return False
    rest = codes.keys() - wanted.keys() - ignored
    return all(codes[key] in neutral or codes[key].upper() in neutral for key in rest)


def _by_label(path: Path, language: str, words: Concordance, unit: str) -> Iterator[Candidate]:
    for leaf, factor in _leaves(path.leaf, language, words, plain(unit)):
        for label in words.by_leaf.get(leaf, ()):
            if label.language == language and _allowed(label, path):
                yield _candidate(label, language, factor)
        if factor == 1.0:
            for label in words.open_leaves:
                if label.language == language and label.leaf.fullmatch(leaf) and _allowed(label, path):
                    yield _candidate(label, language, factor)


def _candidate(label: Printed, language: str, factor: float) -> Candidate:
    if label.weak:
        return Candidate(label.entry, WEAK * factor, "weak", language)
    score = min(1.0, EXACT[language] + PER_STEP * (len(label.steps) - 1)) * factor
    return Candidate(label.entry, score, "label" if factor == 1.0 else "decorated", language)


def _leaves(leaf: str, language: str, words: Concordance, unit: str) -> Iterator[tuple[str, float]]:
    """A label, and it without words that do not change what it means, or without its own unit behind it."""
    yield leaf, 1.0
    if language == "en":
        shorter = {_SUFFIX.sub("", leaf), leaf.removesuffix(unit) if unit else leaf}
        for rest in sorted(shorter - {leaf, ""}):
            yield rest, 1.0
        return
    rest = leaf
    for word in sorted(words.plain_words("before"), key=len, reverse=True):
        if rest.startswith(word) and len(rest) > len(word) + 1:
            rest = rest[len(word) :]
            yield rest, DECORATED
    for word in words.plain_words("behind"):
        if leaf.endswith(word) and len(leaf) > len(word) + 1:
            yield leaf[: -len(word)], DECORATED


def _allowed(label: Printed, path: Path) -> bool:
    """Whether what must stand above a label does, and what must not does not."""
    entry = label.entry
    whole = "/".join(path.steps)
    if label.language == "zh":
        if entry.not_under and any(plain(word) in path.above for word in entry.not_under):
            return False
        if entry.under and len(label.steps) == 1 and not any(plain(word) in whole for word in entry.under):
            return False
    start = 0
    for pattern in label.above:
        match = pattern.search(path.above, start)
        if match is None:
            return False
        start = match.end()
    return True


def says_rate(series: Series, words: Concordance) -> bool:
    """Whether the last step of a label names a rate, a growth or a share, and not an amount."""
    if any(word in plain(step) for step in series.chinese[-1:] for word in words.plain_words("rates_zh")):
        return True
    return any(set(_ENGLISH.findall(step.casefold())) & words.plain_words("rates_en") for step in series.english[-1:])


def near(series: Series, words: Concordance) -> list[Candidate]:
    """The entries whose labels resemble those of a series, for a question; the nearest first."""
    best: dict[str, Candidate] = {}
    for language, steps in (("zh", series.chinese), ("en", series.english)):
        path = path_of(steps, words)
        wanted = _parts(path.leaf if language == "zh" else _telling(" ".join(steps[-1:]), words), language)
        narrow = [word for word in words.plain_words("narrowing") if word in "/".join(path.steps)]
        if not wanted:
            continue
        for label, parts in _label_parts(words, language):
            common = len(wanted & parts)
            score = NEAR * 2 * common / (len(wanted) + len(parts)) if common else 0.0
            if any(word not in "/".join(label.steps) for word in narrow):
                continue  # a part, such as one industry, is not the whole
            if score >= NEAREST[language] and _allowed(label, path):
                old = best.get(label.entry.id)
                if old is None or old.score < score:
                    best[label.entry.id] = Candidate(label.entry, score, "near", language)
    return sorted(best.values(), key=lambda item: (-item.score, item.entry.id))


def _label_parts(words: Concordance, language: str) -> list[tuple[Printed, frozenset[str]]]:
    key = f"_parts_{language}"
    kept: list[tuple[Printed, frozenset[str]]] | None = words.__dict__.get(key)
    if kept is None:
        kept = [
            (label, _parts(_telling(label.steps[-1].replace("*", ""), words), language))
            for label in words.labels
            if label.language == language
        ]
        words.__dict__[key] = kept
    return kept


def _telling(text: str, words: Concordance) -> str:
    """An English label without words such as `estimates`, which many labels share and which say nothing alone."""
    for word in sorted(words.plain_words("empty"), key=len, reverse=True):
        text = re.sub(word, "", text, flags=re.IGNORECASE)
    return text


def _parts(text: str, language: str) -> frozenset[str]:
    """What two labels are compared by: pairs of neighbouring letters, in English of the words run together."""
    joined = text if language == "zh" else "".join(_ENGLISH.findall(text.casefold()))
    size = 2 if language == "zh" else 3
    return frozenset(joined[at : at + size] for at in range(len(joined) - size + 1)) or frozenset({joined} - {""})
