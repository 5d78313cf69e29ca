"""A whole review of what an importer read: that of `taprev init`, with its tables, domains and words filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from taprev.exchange.decisions import decisions
from taprev.exchange.imported import SUBGROUP, Imported, KeptTable
from taprev.exchange.rows import NOT_CODED_WORD
from taprev.extraction.rulings import HEADER as ADJUDICATION
from taprev.ground.files import csv_text, write_bytes, write_text
from taprev.ground.shipped import CODEBOOK
from taprev.ground.staging import together
from taprev.starter.codebook import codebook_yaml
from taprev.starter.settings_text import extracted_once, replaced, scalar, with_arms, with_domains, with_words
from taprev.starter.write import FORMS, SETTINGS, new_codebook, refuse_folder, review_files
from taprev.vocabulary import Scale

AS_RECEIVED = "data/raw/as_received"
BLANK_FORMS = (*(f"data/raw/{form}.csv" for form in FORMS), "data/raw/adjudication.csv")
OF_A_FILE = Path(__file__).parent / "of_a_file"
ABOUT = (
    "The figures were imported from files and not extracted from the reports again; the files lie in "
    "data/raw/as_received."
)
ORIGIN = "The figures are those of {files}, as imported."
STILL_OURS = re.compile(re.escape(ORIGIN).replace(r"\{files\}", "(.+)"))
SUBGROUP_FIELD = {
    "name": SUBGROUP,
    "type": "string",
    "description": "Subgroup of the outcome in the file that was imported.",
}


@dataclass(frozen=True)
class ReviewWords:
    """The words of a new review that a person gives on the command; empty where they are still to be written."""

    title: str = ""
    question: str = ""


def write_imported(folder: Path, source: Path, imported: Imported, words: ReviewWords, digest: str) -> None:
    """Write a review of what was read into a new folder, with the file itself as it was received.

    Raises ValueError where the folder holds anything but the `.git` of a new repository.
    """
    refuse_folder(folder)
    with together(folder) as place:
        for name, text in imported_files(source.name, imported, words, digest).items():
            write_text(place / name, text)
        write_bytes(place / AS_RECEIVED / source.name, source.read_bytes())


def imported_files(file: str, imported: Imported, words: ReviewWords, digest: str) -> dict[str, str]:
    """Return the text of every file of the review by its path in it."""
    package = _codebook(imported)
    files = review_files()
    headers = {table["name"]: [f["name"] for f in table["schema"]["fields"]] for table in package["resources"]}
    files[CODEBOOK] = codebook_yaml(package)
    for name, header in headers.items():
        rows = imported.rows(name)
        if rows or name == "outcomes":
            files[f"data/extracted/{name}.csv"] = _table(header, rows)
    if imported.has_results:
        files = {name: text for name, text in files.items() if name not in BLANK_FORMS}
        files |= _forms(imported, headers["outcomes"])
        files["README.md"] = readme(file, imported, words.title or imported.title)
    files[SETTINGS] = settings_text(files[SETTINGS], file, imported, words)
    return files | kept_files(file, imported, digest)


def _forms(imported: Imported, header: list[str]) -> dict[str, str]:
    """Return the forms of several extractors, and the decisions that their consensus amounts to."""
    if not imported.forms:
        return {}
    forms = {f"data/raw/form_{name}.csv": _table(header, rows) for name, rows in imported.forms.items()}
    rulings = tuple(decisions(imported, header))
    return {**forms, "data/raw/adjudication.csv": _table(ADJUDICATION, rulings)}


def _codebook(imported: Imported) -> dict[str, Any]:
    """Return the codebook of a review that was imported: an address of the source may be missing from reports.csv."""
    package = new_codebook()
    tables = {table["name"]: table for table in package["resources"]}
    for field in tables["studies"]["schema"]["fields"]:
        if field["name"] == "setting":
            field["constraints"] = {**field["constraints"], "enum": [*field["constraints"]["enum"], NOT_CODED_WORD]}
    for field in tables["reports"]["schema"]["fields"]:
        if field["name"] == "source_url":
            field["constraints"] = {k: v for k, v in field["constraints"].items() if k != "required"}
    outcomes = tables["outcomes"]["schema"]["fields"]
    tables["outcomes"]["schema"]["fields"] = [
        *outcomes,
        *({**SUBGROUP_FIELD, "name": name} for name in imported.columns_added),
    ]
    if imported.tool:
        tables["risk_of_bias"]["tools"] = [dict(imported.tool)]
    return package


def _table(header: list[str], rows: tuple[Mapping[str, str], ...]) -> str:
    return csv_text(header, ([row.get(name, "") for name in header] for row in rows), guarded=False)


def settings_text(text: str, file: str, imported: Imported, words: ReviewWords) -> str:
    """Return the settings of a new review with what the file says, and what was given, in the place of its examples."""
    said = {"title": words.title or imported.title, "question": words.question}
    if imported.has_results:
        said |= {"evidence_set": ORIGIN.format(files=f"{file} ({imported.format})"), "about": ABOUT}
    text = with_words(text, said)
    if all(imported.arms):
        text = with_arms(text, *imported.arms)
    if imported.has_results and not imported.forms:
        text = replaced(extracted_once(text), r"^  open_queries: stop$", "  open_queries: mark")
    if imported.columns_added:
        text = text.replace("\n  descriptors: []\n", f"\n  descriptors: []\n  subgroups: {SUBGROUP}\n")
    if not imported.domains:
        return text
    return with_domains(text, f"These are the outcomes of {file}.", _domains(imported))


def settings_with_origin(text: str, evidence_set: str, file: str, imported: Imported) -> str:
    """Return the settings of a review with one more file among those that its figures come from.

    They stay as they are where somebody has written another text for the evidence.
    """
    ours = STILL_OURS.fullmatch(evidence_set)
    if not ours:
        return text
    files = f"{ours[1]}, and of {file} ({imported.format})"
    return text.replace(scalar(evidence_set), scalar(ORIGIN.format(files=files)))


def _domains(imported: Imported) -> dict[str, dict[str, object]]:
    made: dict[str, dict[str, object]] = {}
    for domain in imported.domains:
        known: dict[str, object] = {"label": domain.label or domain.name, "population": "all_ages"}
        if domain.event:
            known["event"] = domain.label or domain.name
        else:
            known["scale"] = str(domain.scale)
            if domain.scale == Scale.MD:
                known["unit"] = domain.unit
        made[domain.name] = known
    return made


def kept_files(file: str, imported: Imported, digest: str) -> dict[str, str]:
    """Return the note on a received file and the tables of what had no place, by their paths in the review."""
    return {
        f"{AS_RECEIVED}/{file}.md": received_note(file, imported, digest),
        **{f"{AS_RECEIVED}/{kept_name(file, table)}": csv_text(table.header, table.rows) for table in imported.kept},
    }


def readme(file: str, imported: Imported, title: str) -> str:
    """Return the first page of an imported review: what it was made of, what is still to be done, where to look."""
    text = (OF_A_FILE / "README.md").read_text(encoding="utf-8")
    steps = "\n".join([*(["taprev reconcile"] if imported.forms else []), "taprev check", "make review"])
    made = {"{STEPS}": steps, "{FORMAT}": imported.format, "{FILE}": file, "{TITLE}": title or "A review"}
    return reduce(lambda done, name: done.replace(name, made[name]), made, text)


def received_note(file: str, imported: Imported, digest: str) -> str:
    """Return what the folder of received files says of itself: the file, its checksum, and how it was read."""
    remarks = "".join(f"- {remark}\n" for remark in imported.remarks) or "- None.\n"
    kept = "".join(f"- `{kept_name(file, table)}`: {table.why}\n" for table in imported.kept)
    return (
        f"# {file}\n\nThe file as it was received, read by `taprev import` as {imported.format}.\n\n"
        f"SHA-256: {digest}\n\nRemarks on the reading:\n\n{remarks}"
        + (f"\nKept, without a place in the tables:\n\n{kept}" if kept else "")
    )


def kept_name(file: str, table: KeptTable) -> str:
    """Return the name of the file of a kept table, behind that of the file it was in."""
    return f"{file}.{table.name}.csv"
