"""The evidence profile: what a judgement of certainty rests on, what the numbers suggest, and what people judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from taprev.figures import labels
from taprev.report.documents.document import Cell, Column, Document, Items, Paragraph, Section, Table
from taprev.report.documents.findings import Known, number, signs
from taprev.report.documents.imprint import imprint
from taprev.settings import Settings

COLUMNS = (
    Column("What is asked", 0.14), Column("What the numbers say", 0.46), Column("They suggest", 0.2),
    Column("People judged", 0.2),
)  # fmt: skip
LOWERS = {None: "the numbers cannot say", 0: "not lowered", 1: "one level lower", 2: "two levels lower"}
HEADS = {"publication_bias": "Missing results"}
WHAT = (
    "This is no judgement. It sets out the numbers on which a judgement of certainty rests, and what fixed rules make "
    "of them; people judge, with the reports at hand."
)


def evidence_profile(known: Sequence[Known], settings: Settings) -> Document:
    """Return the profile of every stratum that has a pooled number."""
    sections = tuple(
        Section(f"{one.label}, {labels.clean(stratum['label'])}: {_number(stratum)}", tuple(_rows(assessed)))
        for one in known for stratum, assessed in one.strata if assessed["suggestion"]
    )  # fmt: skip
    orphans = tuple(_orphans(known))
    return Document(
        title="Evidence profile",
        subtitle=settings.review.title,
        blocks=(
            Paragraph(WHAT, "lead"),
            *(() if sections else (Paragraph("No number is pooled in this review."),)),
            Table("Evidence profile", "What a judgement rests on, by pooled number.", COLUMNS, sections),
            *((Items(orphans),) if orphans else ()),
        ),
        imprint=imprint(settings),
    )


def _number(stratum: Mapping[str, Any]) -> str:
    return f"{number(stratum)}, k = {stratum['fit']['k']}"


def _rows(assessed: Mapping[str, Any]) -> Iterator[tuple[Cell, ...]]:
    """Yield where the certainty starts, what each concern makes of it, and where it ends."""
    told, judged = assessed["suggestion"], assessed["judgement"] if assessed["certainty"] else None
    yield _row("Start", told["start_reason"], told["start"], judged["start"] if judged else "")
    for concern in told["concerns"]:
        name = concern["domain"]
        by_people = judged["concerns"][name].replace("_", " ") if judged else ""
        head = HEADS.get(name, name.replace("_", " ").capitalize())
        yield _row(head, concern["reason"], LOWERS[concern["levels"]], by_people)
    if judged and judged["raised"]:
        yield _row("Raised", "", "", f"by {judged['raised']}")
    by_people = f"{signs(judged['certainty'])}\n{judged['reason']}" if judged else assessed["status"]
    yield _row("Certainty", "", _suggested(told), by_people)


def _row(*texts: str) -> tuple[Cell, ...]:
    return tuple(Cell(text) for text in texts)


def _suggested(told: Mapping[str, Any]) -> str:
    level = signs(told["certainty"])
    return f"at most {level}" if told["at_most"] else level


def _orphans(known: Sequence[Known]) -> Iterator[str]:
    """Yield every judgement that belongs to no number of this review."""
    for one in known:
        for stratum in one.certainty["judged_without_stratum"]:
            yield f"{one.label}: a judgement names the design {stratum}, which has no row here."
        for stratum, assessed in one.strata:
            if assessed["judgement"] and not assessed["certainty"]:
                judged = assessed["judgement"]["number"]
                yield (
                    f"{one.label}, {labels.clean(stratum['label'])}: judged for {judged}, and the number is now "
                    f"{assessed['number']}. Judge it again."
                )
