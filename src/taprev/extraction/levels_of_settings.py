"""What the settings name and the codebook lacks: it would leave out or miscount studies without notice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from taprev.extraction.problems import IN_SETTINGS, Problem
from taprev.extraction.tables import Row, allowed, columns, read_rows
from taprev.settings import Settings
from taprev.settings.sections import ResultScope


def settings_problems(folder: Path, settings: Settings) -> Iterator[Problem]:
    """Yield every column and every value that the settings name and the codebook in `folder` does not have."""
    yield from _columns(folder, settings)
    scopes = (*settings.scope.include, *settings.scope.leave_out)
    for wanted in settings.scope.results:
        words = allowed(folder, "outcomes", wanted.column)
        yield from _values(f"scope > results > {wanted.column}", wanted.include, words)
        yield from _unused(folder, wanted)
    added = (scope for part in settings.sensitivity.scopes for scope in part.add)
    known = allowed(folder, "studies", "scope")
    yield from _values("scope", scopes, known)
    yield from _values("sensitivity > scopes", added, known)
    people = allowed(folder, "outcomes", "population")
    for name, domain in settings.domains.items():
        yield from _values(f"domains > {name} > population", [domain.population], people)
    yield from _values("populations", settings.populations, people)
    for counted in settings.gap_map:
        levels = allowed(folder, "studies", counted.column)
        yield from _values(f"gap_map > {counted.column}", sorted(counted.named), levels)
    yield from _compared(folder, settings)
    for direct in settings.certainty.direct:
        known = allowed(folder, "studies", direct.column)
        yield from _values(f"certainty > direct > {direct.column}", direct.levels, known)


def unplaced(row: Row, settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with the domain of a row, where the settings have none of that name."""
    if row["domain"] not in settings.domains:
        known = ", ".join(settings.domains)
        found = f'found "{row["domain"]}", which is not a configured domain.'
        yield "domain", found, f"Configure it, or use one of: {known}."


def _compared(folder: Path, settings: Settings) -> Iterator[Problem]:
    other = settings.compare_with
    if other is None:
        return
    known = allowed(folder, "components", "component")
    for part in other.parts:
        yield from _values(f"compare_with > parts > {part.name}", part.components, known)
    for advice in other.advice:
        yield from _values(f"compare_with > advice > {advice.says}", advice.components, known)
    studies = tuple(row["study"] for row in read_rows(folder / "studies.csv"))
    for shared in other.in_both:
        if shared.study not in studies:
            found = f'found "{shared.study}", which no row of studies.csv has.'
            yield Problem(
                f"{IN_SETTINGS}, compare_with > in_both", None, "", "", "", found, "Use the `study` of a row there."
            )


def _columns(folder: Path, settings: Settings) -> Iterator[Problem]:
    of_studies, of_outcomes = columns(folder, "studies"), columns(folder, "outcomes")
    both = [*of_studies, *(name for name in of_outcomes if name not in of_studies)]
    moderators = sorted({moderator.column for moderator in settings.moderators})
    named = [("moderators", "the moderator ", column, "studies.csv nor outcomes.csv", both) for column in moderators]
    named += [("figures", "", column, "studies.csv nor outcomes.csv", both) for column in settings.figures.columns]
    named += [("gap_map", "", part.column, "studies.csv", of_studies) for part in settings.gap_map]
    named.append(("map", "", settings.map.columns, "studies.csv", of_studies))
    named += [("certainty", "", part.column, "studies.csv", of_studies) for part in settings.certainty.direct]
    named += [("scope", "", part.column, "outcomes.csv", of_outcomes) for part in settings.scope.results]
    for part, what, column, where, known in named:
        if column not in known:
            neither = "neither " if " nor " in where else ""
            has = f"{neither}{where} has such a column" if neither else f"{where} has no such column"
            found = f"the settings name {what}{column!r}, and {has}."
            yield Problem(IN_SETTINGS, None, "", "", part, found, f"Use one of {', '.join(known)}.")


def _unused(folder: Path, wanted: ResultScope) -> Iterator[Problem]:
    """Yield every word that no result has: a slip there leaves results out."""
    used = {row.get(wanted.column, "") for row in read_rows(folder / "outcomes.csv")}
    for word in wanted.include:
        if used and word not in used:
            where = f"{IN_SETTINGS}, scope > results > {wanted.column}"
            advice = f"Results have {', '.join(sorted(used - {''})[:12]) or 'nothing'} there."
            yield Problem(where, None, "", "", "", f'found "{word}", which no result has.', advice)


def _values(part: str, named: Iterable[str], known: tuple[str, ...]) -> Iterator[Problem]:
    """A column without a list of allowed values takes any."""
    for value in named:
        if known and value not in known:
            advice = f"The codebook knows: {', '.join(known)}."
            yield Problem(f"{IN_SETTINGS}, {part}", None, "", "", "", f'found "{value}".', advice)
