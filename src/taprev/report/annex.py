"""The reviewer's half of the report: where every row went, the gaps, and how far the extraction can be trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from taprev.extraction.agreement_lines import NEVER, NO_INTERVAL
from taprev.extraction.tables import codebook, read_rows
from taprev.report.extraction_words import read_agreement, verified
from taprev.settings import Settings
from taprev.synthesis.results import Synthesis
from taprev.tables import evidence
from taprev.wording import labels

STUDY_OF_THE_CHECKER = Path(__file__).with_name("checker.csv")
LAYERS = {
    "form": "forms",
    "received": "as received",
    "extractor": "extractor",
    "twice": "extracted twice",
    "planned": "of the sample planned, extracted twice",
    "found": "results",
    "cells": "forms",
}


def annex(contents: list[Synthesis], settings: Settings, extracted: Path, audit: Path) -> dict[str, Any]:
    """Return what the annex shows: plain lists of dicts, numbers already in words."""
    parts, agreement = _components(extracted), read_agreement(audit / "agreement.csv")
    headed = {heading: levels for part in settings.gap_map for heading, levels in part.report.items()}
    return {
        "fate_counts": [
            {**row, "contrast": labels.contrast(row["contrast"])} for row in evidence.fate_counts(contents)
        ],
        "gap_map": [
            {**row, "sums": [sum(row[level] for level in levels) for levels in headed.values()]}
            for row in evidence.gap_map(contents, extracted, settings)
        ],
        "gap_headings": list(headed),
        "gap_columns": [part.name for part in settings.gap_map],
        "components": parts,
        "levels": _levels(extracted),
        "lived_experience": any(part["component"] == "lived experience" and part["count"] for part in parts),
        "comparison": list(evidence.comparison(contents, settings)),
        "agreement": [_agreement(row) for row in agreement if _compared(row)],
        "pairs": len({row["forms"] for row in agreement if row["forms"]}) > 1,
        "agreement_by_study": [row for row in agreement if row["layer"] == "study"],
        "queries": _rows(audit / "queries.csv"),
        "verified": verified(audit / "verification.csv"),
        "verified_rows": _rows(audit / "verification.csv"),
        "checker": _rows(STUDY_OF_THE_CHECKER),
    }


def _levels(extracted: Path) -> str:
    """Return what the codebook says of the levels at which components work."""
    fields = codebook(extracted)["components"]["schema"]["fields"]
    return next((field.get("description", "") for field in fields if field["name"] == "level"), "")


def _rows(path: Path) -> list[dict[str, str]]:
    return read_rows(path) if path.is_file() else []


def _components(extracted: Path) -> list[dict[str, Any]]:
    """Turn the matrix around: a row for each component that any study names, with its studies."""
    header, rows = evidence.components(extracted)
    named = [(name, [row for row in rows if row.get(name)]) for name in header[3:]]
    return [
        {
            "component": name.replace("_", " "),
            "count": len(studies),
            "studies": ", ".join(f"{row['label']} ({row[name]})" for row in studies),
        }
        for name, studies in named
    ]


def _compared(row: dict[str, str]) -> bool:
    return row["layer"] != "study" and row["note"] != NEVER


def _agreement(row: dict[str, str]) -> dict[str, str]:
    """Write the numbers of one line of the agreement table at two decimals; an empty cell stays empty."""
    numbers = {name: _short(cell) for name, cell in row.items()}
    if numbers["kappa_lb"]:
        numbers["kappa"] += f" [{numbers['kappa_lb']}, {numbers['kappa_ub']}]"
    note = "no interval: no variation" if row["note"] == NO_INTERVAL else row["note"]
    return {**numbers, "layer": LAYERS.get(row["layer"], row["layer"]), "field": row["field"], "note": note}


def _short(cell: str) -> str:
    try:
        return labels.number(float(cell)) if "." in cell else cell
    except ValueError:
        return cell
