"""Which numbers of a results folder are of an earlier edition: those that present data or settings do not give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from taprev.effects.of_review import DomainEffects, effects_of
from taprev.extraction.looked_up import SOURCES
from taprev.extraction.plausibility.answers import open_checks
from taprev.extraction.tables import read_rows
from taprev.settings import Settings, SettingsError, read_settings
from taprev.synthesis.origin import settings_sha256
from taprev.synthesis.results import read_synthesis

UNUSABLE = (ValueError, KeyError, ArithmeticError, OSError)
UNKNOWN = (
    "Which numbers are of an earlier edition cannot be said, because the present data or settings cannot be read: "
    "taprev check says why. Use none of them."
)


@dataclass(frozen=True)
class Outdated:
    """The labels of the domains whose numbers present data do not give, and of those whose numbers they give."""

    earlier: tuple[str, ...]
    present: tuple[str, ...]

    def sentence(self) -> str:
        """Return which numbers may be used, and which not."""
        if not self.earlier:
            return "Present data and settings give the effects that every number here was pooled from."
        said = f"Of an earlier edition are the numbers of {', '.join(self.earlier)}."
        if not self.present:
            return said
        return f"{said} Present data and settings give the same effects for {', '.join(self.present)}."


def outdated(results: Path, review: Path) -> str:
    """Return in sentences which numbers are of an earlier edition; the effects are made again, and nothing is drawn."""
    data = review / "data"
    try:
        settings = read_settings(review / "config" / "review.yaml")
        of = effects_of(data, settings, _still_open(data, results / "audit"))
    except (SettingsError, *UNUSABLE):
        return UNKNOWN
    same = {name: _same(name, results, settings, of) for name in settings.domains}
    labels = {name: domain.label for name, domain in settings.domains.items()}
    earlier, present = (tuple(labels[name] for name in same if same[name] == wanted) for wanted in (False, True))
    return Outdated(earlier, present).sentence()


def _still_open(data: Path, audit: Path) -> dict[str, list[str]]:
    """Return the checks that are open today, or were at the last run where a cell keeps them from being asked."""
    try:
        return open_checks(data, audit / SOURCES)
    except (ValueError, KeyError):
        rows = [row for row in read_rows(audit / "queries.csv") if not row["answer"]]
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["result"] or row["study"], []).append(row["check"])
    return found


def _same(name: str, results: Path, settings: Settings, of: Callable[[str], DomainEffects]) -> bool:
    """Return whether a domain has the effects and the settings that its numbers were made from."""
    try:
        made = read_synthesis(results / "synthesis" / f"{name}.json").made_by
        text = of(name).text
    except UNUSABLE:
        return False
    digest = sha256(text.encode()).hexdigest()
    return made.get("effects_sha256") == digest and made.get("settings_sha256") == settings_sha256(name, settings)
