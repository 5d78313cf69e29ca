"""Which conclusions changed: verdicts and sentences of strata, the fate of every result, and counted directions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from taprev.effects.rows import EffectRow
from taprev.provenance.diff.domains import DomainState, NumberKey
from taprev.provenance.diff.results import ConclusionChange, CountChange, FateChange
from taprev.settings import Settings
from taprev.synthesis.directions import votes
from taprev.synthesis.results import Fit, SparseFit, Stratum
from taprev.synthesis.sign_test import sign_test
from taprev.vocabulary import Contrast, Fate, NoteCode
from taprev.wording import labels, notes, sentences
from taprev.wording.sensitivity import sparse_words
from taprev.wording.strata import direction_words, stratum_words
from taprev.wording.verdicts import bears_verdict

NOTHING_POOLED = "nothing is pooled"


@dataclass(frozen=True)
class Held:
    """What a domain holds in one edition."""

    population: str
    studies: int
    samples: int
    fates: Mapping[Fate, int]


def conclusions(name: str, label: str, old: DomainState, new: DomainState) -> list[ConclusionChange]:
    """Return every stratum of a domain, and every pool of events, whose verdict changed."""
    changes = []
    for earlier, later in _paired(old.strata or {}, new.strata or {}):
        was, now = verdict(earlier), verdict(later)
        shown = later or earlier
        if shown and was != now:
            old_words, new_words = (stratum_words(stratum, label) if stratum else "" for stratum in (earlier, later))
            changes.append(ConclusionChange(name, label, shown.label, was, now, old_words, new_words))
    return [*changes, *_of_events(name, label, old.strata or {}, new.strata or {})]


def _of_events(
    name: str, label: str, old: Mapping[NumberKey, Stratum], new: Mapping[NumberKey, Stratum]
) -> Iterator[ConclusionChange]:
    for key in {**new, **old}:
        pair = (old.get(key), new.get(key))
        was, now = (events_verdict(stratum) for stratum in pair)
        if was != now:
            shown, measure = next(
                (stratum.label, stratum.sparse.measure) for stratum in reversed(pair) if stratum and stratum.sparse
            )
            method, _ = labels.events_pool(measure)
            old_words, new_words = (
                sparse_words(stratum.sparse, stratum.sparse_note) if stratum else "" for stratum in pair
            )
            what = labels.with_events(shown, method)
            yield ConclusionChange(name, label, what, was, now, old_words, new_words)


def _paired(
    old: Mapping[NumberKey, Stratum], new: Mapping[NumberKey, Stratum]
) -> list[tuple[Stratum | None, Stratum | None]]:
    """Return the strata of both editions in pairs; a stratum of which only the axis changed stays with its design."""
    pairs: list[tuple[Stratum | None, Stratum | None]] = [(old[key], new[key]) for key in new if key in old]
    left = {key: stratum for key, stratum in old.items() if key not in new}
    for key, stratum in new.items():
        if key in old:
            continue
        same = [p for p in left if (p.base, p.sensitivity) == (key.base, key.sensitivity) and not left[p].fit]
        pairs.append((left.pop(same[0]) if same else None, stratum))
    return [*pairs, *((stratum, None) for stratum in left.values())]


def verdict(stratum: Stratum | None) -> str:
    """Return in short what a stratum supports."""
    if stratum is None or stratum.fit is None:
        return NOTHING_POOLED
    fit = stratum.fit
    if not bears_verdict(fit.k):
        return "pooled, two effects: no conclusion"
    depends = any(note.code == NoteCode.DEPENDS_ON_INTERVAL for note in fit.notes)
    caveat = "; it depends on the interval method" if depends else ""
    return _by_interval(stratum, fit) + caveat


def events_verdict(stratum: Stratum | None) -> str:
    """Return in short what the pool of events of a stratum supports."""
    if stratum is None or stratum.sparse is None:
        return NOTHING_POOLED
    if not bears_verdict(stratum.sparse.k_used):
        return "pooled, fewer than three samples: no conclusion"
    return _by_interval(stratum, stratum.sparse)


def _by_interval(stratum: Stratum, fit: Fit | SparseFit) -> str:
    if fit.ci_lb <= 0 <= fit.ci_ub:
        return "pooled, the interval includes no difference"
    side = labels.sides(stratum)[fit.estimate > 0]
    return f"pooled, the interval excludes no difference: {side}"


def fates(
    old: DomainState, new: DomainState, study_labels: dict[str, str], renamed: dict[str, str]
) -> list[FateChange]:
    """Return every result of a domain whose fate, or the reason of it, changed; `renamed` leads to the later name."""
    before = {renamed.get(row.result, row.result): row for row in old.rows}
    after = {row.result: row for row in new.rows}
    changes = []
    for result in dict.fromkeys([*after, *before]):
        earlier, later = before.get(result), after.get(result)
        was, now = _fate(earlier), _fate(later)
        row = later or earlier
        if row and was != now:
            changes.append(FateChange(result, study_labels.get(row.study, row.label), row.domain, *was, *now))
    return changes


def _fate(row: EffectRow | None) -> tuple[str, str]:
    return (row.fate.said, notes.reason(row.reason)) if row else ("not in this domain", "")


def counted(
    name: str, label: str, old: DomainState, new: DomainState, settings: tuple[Settings, Settings]
) -> list[CountChange]:
    """Return the counts of a domain that changed: studies, samples and fates, and directions by design."""
    sides = [_counts(name, made, own) for made, own in zip((old, new), settings, strict=True)]
    return [
        CountChange(name, label, what, sides[0].get(what, "none"), sides[1].get(what, "none"))
        for what in {**sides[1], **sides[0]}
        if sides[0].get(what) != sides[1].get(what)
    ]


def _counts(name: str, made: DomainState, settings: Settings) -> dict[str, str]:
    if name not in settings.domains or not made.rows:
        return {}
    rows = [row for row in made.rows if row.fate != Fate.EXCLUDED]
    fate_counts = Counter(Fate(row.fate) for row in made.rows)
    holds = Held(
        settings.domains[name].population,
        len({row.study for row in rows}),
        len({(row.study, row.sample) for row in rows}),
        fate_counts,
    )
    texts = {"what it holds": sentences.counts(holds), "fates": sentences.fates(fate_counts)}
    ballots = votes(made.rows)
    for contrast in Contrast:
        if own := [vote for vote in ballots if vote.contrast == contrast]:
            test = sign_test(contrast, own, settings.review.systematic_search, settings.synthesis.level)
            texts[f"directions, {contrast.said}"] = direction_words(test)
    return texts
