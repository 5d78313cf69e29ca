"""The formats that `taprev import` reads: how each is recognised from what a file holds, and what reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from taprev.exchange.answers import Answers
from taprev.exchange.covidence import is_covidence, read_covidence
from taprev.exchange.eppi import is_eppi, read_eppi
from taprev.exchange.escalc import is_escalc, read_escalc
from taprev.exchange.flow_counts import is_prisma, read_flow_counts
from taprev.exchange.imported import Imported
from taprev.exchange.listed_references import read_pubmed, read_references
from taprev.exchange.mapped_table import read_mapped
from taprev.exchange.metapsy import is_metapsy, read_metapsy
from taprev.exchange.received import ReceivedFile
from taprev.exchange.references import is_nbib, is_ris
from taprev.exchange.revman.importing import imported_from
from taprev.exchange.revman.package import is_package, read_package
from taprev.exchange.revman.rm5 import is_rm5, read_rm5
from taprev.exchange.risk_of_bias.robvis import is_robvis, read_robvis
from taprev.exchange.srdr import is_srdr, read_srdr
from taprev.exchange.tabular import sheet_headers
from taprev.exchange.unreadable import refuse_unreadable, why_no_table


@dataclass(frozen=True)
class Format:
    """A format: its word on the command, its name, how it is recognised, and what reads a file of it."""

    word: str
    name: str
    recognises: Callable[[ReceivedFile], bool]
    read: Callable[[Path, Answers], Imported]


FORMATS: tuple[Format, ...] = (
    Format(
        "rm5",
        "RevMan 5",
        lambda file: is_rm5(file.head),
        lambda path, answers: imported_from(read_rm5(path), answers),
    ),
    Format(
        "revman-web",
        "data package of RevMan Web",
        lambda file: is_package(file.members),
        lambda path, answers: imported_from(read_package(path), answers),
    ),
    Format("metapsy", "Metapsy data standard", is_metapsy, read_metapsy),
    Format("robvis", "judgements of risk of bias, as robvis and the tool RoB 2 have them", is_robvis, read_robvis),
    Format("effects", "table of effects, or of the columns of metafor's escalc", is_escalc, read_escalc),
    Format("covidence", "extraction export of Covidence", is_covidence, read_covidence),
    Format("eppi", "JSON export of EPPI-Reviewer", lambda file: is_eppi(file.head), read_eppi),
    Format("srdr", "XLSX export of SRDR+", is_srdr, read_srdr),
    Format("ris", "references in RIS", lambda file: is_ris(file.head), read_references),
    Format("nbib", "references of PubMed", lambda file: is_nbib(file.head), read_pubmed),
    Format("prisma", "flow of records of the R package PRISMA2020", is_prisma, read_flow_counts),
    Format("table", "any other table, by a mapping", lambda file: False, read_mapped),
)


def format_of(path: Path, word: str = "", mapped: bool = False) -> Format:
    """Return the format of a file, or the one that a word names; `mapped` says that a mapping tells its columns.

    Raises ValueError, with a sentence, for a file that is missing or empty, for an unknown word, and where no format or
    more than one knows the file.
    """
    words = ", ".join(f"{one.word} ({one.name})" for one in FORMATS)
    refuse_unreadable(path)
    if word:
        named = [one for one in FORMATS if one.word == word]
        if not named:
            raise ValueError(f'"{word}" is not a format that taprev reads. It reads {words}.')
        return named[0]
    received = ReceivedFile(path)
    fitting = [one for one in FORMATS if one.recognises(received)]
    if not fitting and mapped:
        return FORMATS[-1]
    if not fitting:
        why = _on_another_sheet(received) or why_no_table(path)
        raise ValueError(
            f"{path}: no format was recognised in it{f'; {why}' if why else '.'}\ntaprev reads {words}.\n"
            "Any other table is read through a mapping: taprev import FILE --as table writes a proposal."
        )
    if len(fitting) > 1:
        both = " and ".join(f"{one.name} (--as {one.word})" for one in fitting)
        raise ValueError(f"{path}: it could be {both}. Say which.")
    return fitting[0]


def _on_another_sheet(received: ReceivedFile) -> str:
    """Return a sentence where a sheet that is not the first of a workbook has columns that a format knows."""
    if not received.sheet:
        return ""
    for title, header in list(sheet_headers(received.path).items())[1:]:
        there = replace(received, of_sheet=header)
        if known := next((one for one in FORMATS if header and one.recognises(there)), None):
            return (
                f'its first sheet was looked at, and its sheet "{title}" is a {known.name}. Write sheet: {title} into '
                f"a file, and name that: --as {known.word} --map FILE."
            )
    return ""
