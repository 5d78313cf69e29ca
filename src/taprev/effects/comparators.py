"""A control group that serves several arms of one study is counted once."""

from __future__ import annotations

from dataclasses import replace

from taprev.effects.rows import EffectRow
from taprev.extraction.tables import Row

COMPARATOR = ("mean_arm2", "sd_arm2", "n_arm2", "event_arm2", "count_arm2")


def one_comparator_once(rows: list[EffectRow], extracted: list[Row]) -> list[EffectRow]:
    """Show, and never pool, the arms of a study whose control group another of its arms has used already.

    Two samples of one study share a control group where the same outcome at the same time has the same
    comparator figures in both (Cochrane Handbook 23.3.4). The sample that comes first in the table keeps it.
    """
    used: dict[tuple[str, ...], EffectRow] = {}
    kept = []
    for row, source in zip(rows, extracted, strict=True):
        controlled = row.contrast in ("randomised", "controlled") and source["n_arm2"] and row.fate == "shown"
        if controlled and not row.never_pooled:
            figures = tuple(source[name] for name in COMPARATOR)
            first = used.setdefault((row.study, row.contrast, row.outcome, row.timepoint, *figures), row)
            if first.sample != row.sample:
                why = f"shares its control group with {first.result}, whose people are counted once"
                row = replace(row, never_pooled=why, reason=why)
        kept.append(row)
    return kept
