"""What an effect assumes where the row does not print it."""

from __future__ import annotations

import math

from taprev.effects.clusters import allows_for_clusters
from taprev.effects.derivations import PrintedFigures
from taprev.extraction.tables import Row
from taprev.notes import Note, note
from taprev.vocabulary import Adjustment, Choice, NBasis, NoteCode, SdBasis


def assumption(key: str, row: Row, figures: PrintedFigures) -> Note | None:
    """Return a single assumption, or None if the row prints what would have been assumed.

    Parameters
    ----------
    key : str
        The assumption, as `Derivation.assumes` names it.
    row : Row
        A row of `outcomes.csv`.
    figures : dict of str to float
        The figures that the derivation takes.

    Returns
    -------
    Note or None
        The assumption in words.
    """
    basis, r = row["sd_basis"], note(NoteCode.CORRELATION_TAKEN, r=figures["r"])
    match key:
        case "r":
            return None if row["r_pre_post"] else r
        case "basis" if basis in (SdBasis.CHANGE, SdBasis.RESIDUAL):
            return None if row["r_pre_post"] else r
        case "basis":
            return None if basis == SdBasis.RAW else _raw_scores(row, figures["r"])
        case "taken as g":
            return None if basis == SdBasis.RAW else note(NoteCode.TAKEN_AS_HEDGES_G)
        case "taken as SMCR":
            return None if basis == SdBasis.RAW else note(NoteCode.TAKEN_AS_SMCR)
        case "f of two arms":
            return None if row["df1"] == "1" else note(NoteCode.F_OF_TWO_ARMS)
        case "equal periods":
            return None if row["time_arm1"] and row["time_arm2"] else note(NoteCode.EQUAL_PERIODS)
        case "normal without n":
            return note(NoteCode.NORMAL_WITHOUT_N) if math.isinf(figures["error_df"]) else None
        case "overdispersion":
            factor = figures["overdispersion"]
            poisson = factor == 1
            return note(NoteCode.POISSON_TAKEN) if poisson else note(NoteCode.OVERDISPERSION_TAKEN, factor=factor)
    return note(ALWAYS[key])


COVARIATES = {
    Adjustment.ADJUSTED: NoteCode.COVARIATES_IN_TEST,
    Adjustment.NOT_STATED: NoteCode.COVARIATES_NOT_STATED,
}


def _raw_scores(row: Row, r: float) -> Note:
    """Return that a test is taken as one of raw scores, and what it would be of residuals where that is open."""
    code = COVARIATES.get(Adjustment(row["adjustment"])) if row["adjustment"] else None
    return note(code, r=r, factor=math.sqrt(1 - r**2)) if code else note(NoteCode.RAW_SCORES_TAKEN)


ALWAYS = {
    "z read as t": NoteCode.Z_TAKEN_AS_T,
    "midpoint": NoteCode.MIDDLE_OF_INTERVAL,
    "SE from p": NoteCode.SE_FROM_P,
    "medians": NoteCode.MEANS_FROM_MEDIANS,
}


def leans_on(keys: tuple[str, ...], row: Row, own_precision: bool = False, made_pairs: bool = False) -> tuple[str, ...]:
    """Return the assumptions of the settings, by name, on which the effect of a row depends.

    Parameters
    ----------
    keys : tuple of str
        The assumptions of the derivation, as `Derivation.assumes` names them; may be empty.
    row : Row
        A row of `outcomes.csv`.
    own_precision : bool
        Whether the variance is that of the printed effect itself.
    made_pairs : bool
        Whether an analysis that took the same people as independent is turned into one of pairs.

    Returns
    -------
    tuple of str
        The names, each a `Choice`.
    """
    changed = row["sd_basis"] in (SdBasis.CHANGE, SdBasis.RESIDUAL)
    clusters = row["unit_of_allocation"] == "cluster" and not (own_precision and allows_for_clusters(row))
    rests = {
        Choice.R_PRE_POST: not row["r_pre_post"] and (made_pairs or "r" in keys or ("basis" in keys and changed)),
        Choice.ICC: clusters and bool(row["cluster_size"]) and not row["icc"],
        Choice.OVERDISPERSION: "overdispersion" in keys,
        Choice.RETAINED: row.get("n_basis") == NBasis.ENROLLED and not own_precision,
    }
    return tuple(name for name, needed in rests.items() if needed)
