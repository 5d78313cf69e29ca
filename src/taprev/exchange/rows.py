"""Rows of the tables as importers write them: what a file does not say reads "not coded", and is never made up."""

from __future__ import annotations

from taprev.extraction.tables import Row
from taprev.vocabulary import Harms, LivedExperience, PublicationStatus, Read

NOT_CODED = "not coded"
NOT_CODED_WORD = "not_coded"
CORE = "core"


def study_row(study: str, label: str, **known: str) -> Row:
    """Return a row of studies.csv; what nobody coded says so."""
    return {
        "study": study,
        "label": label,
        "country": NOT_CODED,
        "setting": NOT_CODED_WORD,
        "scope": CORE,
        "programme": NOT_CODED,
        "publication_status": PublicationStatus.OTHER,
        "funding": NOT_CODED,
        "lived_experience": LivedExperience.NOT_CODED,
        "harms": Harms.NOT_CODED,
        **{name: value for name, value in known.items() if value},
    }


def report_row(report: str, study: str, citation: str, read_in: str, **known: str) -> Row:
    """Return a row of reports.csv; its figures were read in the file that was imported, not in the report."""
    given = {name: value for name, value in known.items() if value}
    if (doi := given.get("doi")) and not given.get("source_url"):
        given["source_url"] = f"https://doi.org/{doi}"
    return {"report": report, "study": study, "citation": citation, "read": Read.SECONDARY, "read_in": read_in, **given}


def outcome_row(result: str, study: str, report: str, domain: str, **known: str) -> Row:
    """Return a row of outcomes.csv of the one sample of a study; empty cells stay empty."""
    return {
        "result": result,
        "study": study,
        "sample": "all",
        "report": report,
        "domain": domain,
        "population": "all_ages",
        **{name: value for name, value in known.items() if value},
    }


def whole(text: str) -> str:
    """Return a whole number as the table writes it, or nothing where the text is none."""
    try:
        number = float(text)
    except ValueError:
        return ""
    return str(int(number)) if number.is_integer() else ""
