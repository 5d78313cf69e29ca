"""What pooling under every combination of choices gives: in sentences, and as a table at full precision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from taprev.figures.siblings import frame
from taprev.figures.siblings.frame import Content, StratumSection
from taprev.vocabulary import Choice
from taprev.wording import labels, sentences
from taprev.wording.choices import NO_PROBABILITY, multiverse_words

NAME = "The pooled number under every combination of choices"
COLUMNS = (
    "section",
    "specification",
    "k",
    "scale",
    "estimate",
    "ci_lb",
    "ci_ub",
    "tau2",
    "usual",
    "choices",
    "reason",
)
REFUSED = "Not pooled under all combinations"
SEVERAL = "A pool of several designs is itself a sensitivity analysis; it is not pooled under other choices."
NO_CHOICE = "None of the choices that the settings list bears on this number."
NESTED = (
    "Under the combinations, results of one sample are averaged and samples of one study taken as independent; the "
    "pooled number of the forest plot takes them as nested."
)


def sections(content: Content) -> list[StratumSection]:
    """Return what the figure has a section for: every pooled stratum, and whatever other choices pool."""
    main = [StratumSection(s, labels.clean(s["label"]), True) for s in content["strata"] if s["fit"] or whole(s)]
    seconds = [one for one in frame.pooled(content) if not one.main]
    outside = [
        StratumSection(s, f"Outside the main results: {labels.clean(s['label'])}", True)
        for s in content["outside"]
        if whole(s)
    ]
    return main + seconds + outside


def whole(stratum: Content) -> Content | None:
    """Return the multiverse of a stratum, or None."""
    return (stratum["panel"] or {}).get("multiverse")


def why_not(stratum: Content) -> str:
    """Return why a pooled stratum has no multiverse, or nothing where it has one."""
    if whole(stratum):
        return ""
    given = (stratum["panel"] or {}).get("notes", ())
    return next((n for n in given if n.startswith(REFUSED)), SEVERAL if len(stratum["contrasts"]) > 1 else NO_CHOICE)


def sorted_specifications(found: Content) -> list[Content]:
    """Return the specifications that pool something, by their estimates."""
    there = [s for s in found["specifications"] if s["estimate"] is not None]
    return sorted(there, key=lambda s: (s["estimate"], s["levels"]))


def usual(found: Content) -> list[int]:
    """Return the levels that the review takes."""
    return [factor["usual"] for factor in found["factors"]]


def choice(name: str) -> str:
    """Return the name of a choice in words."""
    return Choice(name).said


def moves(factor: Content, scale: str) -> str:
    """Return how far a choice moves the number in the median combination, on the scale of the analysis."""
    if factor["moves"] is None:
        return labels.MISSING
    return labels.number(factor["moves"]) + (" (log)" if labels.is_ratio(scale) else "")


def words(content: Content) -> Iterator[str]:
    """Yield, for each section, what all combinations give and what the review's own does."""
    for one in sections(content):
        found = whole(one.stratum)
        said = [why_not(one.stratum)] if found is None else _found(one.stratum, found)
        said += frame.warnings(one.stratum)
        yield " ".join([f"{one.label.rstrip('.')}:", *(sentences.sentence(text) for text in said if text)])


def _found(stratum: Content, found: Content) -> list[str]:
    own = next(s for s in found["specifications"] if list(s["levels"]) == usual(found))
    told = "nothing to pool" if own["estimate"] is None else labels.estimate(*_numbers(own), stratum["scale"])
    taken = "; ".join(
        f"{choice(factor['name'])}: {labels.clean(factor['levels'][factor['usual']])}" for factor in found["factors"]
    )
    moving = "; ".join(f"{choice(f['name'])} {moves(f, stratum['scale'])}" for f in found["factors"])
    said = [multiverse_words(found, stratum["scale"])]
    said += [] if NO_PROBABILITY in said[0] else [NO_PROBABILITY]
    said += [f"the review's own choices ({taken}) give {told}, k = {own['k']}"]
    said += [f"median movement by choice: {moving}"]
    return said + ([NESTED] if (stratum.get("fit") or {}).get("nesting") else [])


def _numbers(one: Content) -> tuple[float, float, float]:
    return one["estimate"], one["ci_lb"], one["ci_ub"]


def twin(content: Content) -> Iterator[dict[str, Any]]:
    """Yield every specification that pools something in the order of its drawing, then those that do not."""
    for one in sections(content):
        found, base = whole(one.stratum), {"section": one.label, "scale": one.stratum["scale"]}
        if found is None:
            yield {**base, "reason": why_not(one.stratum)}
            continue
        rest = [s for s in found["specifications"] if s["estimate"] is None]
        for place, spec in enumerate([*sorted_specifications(found), *rest], 1):
            numbers = {name: spec[name] for name in ("k", "estimate", "ci_lb", "ci_ub", "tau2")}
            yield {
                **base,
                **numbers,
                "specification": place,
                "usual": "yes" if list(spec["levels"]) == usual(found) else "",
                "choices": "; ".join(_chosen(found, spec)),
                "reason": "nothing to pool" if spec["estimate"] is None else "",
            }


def _chosen(found: Content, spec: Content) -> Iterator[str]:
    for factor, level in zip(found["factors"], spec["levels"], strict=True):
        yield f"{factor['name']} = {labels.clean(factor['levels'][level])}"
