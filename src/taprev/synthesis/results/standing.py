"""Which studies stand under a synthesis, and which of them it has a result of."""

from __future__ import annotations

from collections.abc import Iterable

from taprev.synthesis.results.domain import StudyVote, Synthesis
from taprev.synthesis.results.stratum import Stratum


def votes_of(stratum: Stratum, content: Synthesis) -> list[StudyVote]:
    """Return the votes of the studies that measured what a stratum pools.

    A study whose results all lie on other axes of the design stands there alone. One that gives a direction and
    nothing on any axis stands under every stratum of its design, because its result may be missing from any.

    Parameters
    ----------
    stratum : Stratum
    content : Synthesis
        The domain of the stratum.

    Returns
    -------
    list of StudyVote
        In the order of the domain.
    """
    design = set(stratum.contrasts)
    others = [other for other in content.strata if other is not stratum and design & set(other.contrasts)]
    elsewhere = {study.study for other in others for study in other.studies}
    elsewhere -= {study.study for study in stratum.studies}
    return [vote for vote in content.votes if vote.contrast in design and vote.study not in elsewhere]


def evidence_of(stratum: Stratum, votes: Iterable[StudyVote]) -> str:
    """Return which studies a synthesis has a result of, and which are missing from it.

    Parameters
    ----------
    stratum : Stratum
    votes : iterable of StudyVote
        The votes of the studies that stand under it.

    Returns
    -------
    str
        `1 of 3 available: Ash2019; missing: Birch2020, Cedar2021`, the studies by their identifiers in order.
    """
    available = {study.study for study in stratum.shown}
    missing = {vote.study for vote in votes} - available
    count = f"{len(available)} of {len(available | missing)} available"
    parts = [f"{count}: {', '.join(sorted(available))}" if available else count]
    return "; ".join([*parts, *([f"missing: {', '.join(sorted(missing))}"] if missing else [])])
