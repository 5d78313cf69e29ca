"""Results that went the wrong way, with what is printed of them: they stand wherever the review is summed up."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from taprev.synthesis.results import RowFate, Synthesis
from taprev.vocabulary import Direction, Fate, Read
from taprev.wording import labels

FIGURE = re.compile(r"\d")


@dataclass(frozen=True)
class Adverse:
    """A result whose printed direction is worse, with the name of its outcome domain."""

    domain: str
    outcome: str
    row: RowFate

    @property
    def value(self) -> str:
        """The printed figures, or that what was read gives none."""
        return printed(self.row)

    @property
    def said(self) -> str:
        """The result in a sentence without a full stop: study, what was measured, design, time and value."""
        return f"{labels.clean(self.row.label)}, {self.alone}"

    @property
    def alone(self) -> str:
        """The same where the study is already named."""
        row = self.row
        around = ", ".join(filter(None, [row.contrast.said, labels.clean(row.timepoint)]))
        left_out = "; not in the headline review" if row.fate == Fate.EXCLUDED else ""
        return f"{labels.clean(row.measure_text)}: {self.value} ({around}{left_out})"


def printed(row: RowFate) -> str:
    """Return the printed figures of a result, or that what was read gives none."""
    if FIGURE.search(row.as_reported):
        return labels.clean(row.as_reported)
    read = "what was read" if row.read == Read.NOT_CODED else row.read.said
    return f"no figure in {read}"


def adverse(contents: Iterable[Synthesis]) -> list[Adverse]:
    """Return every result whose printed direction is worse, whatever its size or significance."""
    return [
        Adverse(content.domain, content.label, row)
        for content in contents
        for row in content.rows
        if row.direction == Direction.WORSE
    ]


def adverse_words(contents: Iterable[Synthesis]) -> str:
    """Return the results that went the wrong way in a sentence; empty where there is none."""
    found = [one.said for one in adverse(contents)]
    return f"Results that went the wrong way: {'; '.join(found)}." if found else ""
