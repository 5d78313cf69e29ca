"""How the review, its slides and each of its figures are cited, as a line and as BibTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from taprev.settings import Settings
from taprev.settings.citation import NAME, Author, CitationFile, Reference
from taprev.vocabulary import CitedFrom
from taprev.wording import labels
from taprev.wording.sentences import sentence

NO_AUTHORS = "Authors not recorded"
NO_YEAR = "no year"
THE_REVIEW = "the whole review"
WHY = {
    CitedFrom.NO_FILE: f"This review has no {NAME}",
    CitedFrom.NOT_FILLED_IN: f"{NAME} is not filled in yet",
    CitedFrom.OF_SOFTWARE: f"{NAME} describes software and not this review",
    CitedFrom.FAULTY: f"{NAME} cannot be used (taprev check says why)",
}
REMEDY = f"Record them in {NAME}: with type: dataset, or under preferred-citation."
BIBTEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


@dataclass(frozen=True)
class CitedReview:
    """A review as it is cited: its reference, what its evidence is, and the version of taprev that drew its figures.

    `evidence_set` is empty where CITATION.cff says what the review is.
    """

    reference: Reference
    source: CitedFrom
    software: Reference
    evidence_set: str
    version: str


@dataclass(frozen=True)
class CitedFigure:
    """A figure as it is cited: the name of its file, its title, its domain or the whole review, and its seal."""

    stem: str
    title: str
    subject: str
    seal: str

    @property
    def part(self) -> str:
        """What the figure is of, with the seal of its numbers."""
        return f"Figure: {labels.clean(self.subject)}, seal {self.seal or 'none'}"


def cited_review(settings: Settings, file: CitationFile) -> CitedReview:
    """Return the review as CITATION.cff has it, or by its title and evidence set in the settings alone."""
    named = file.source == CitedFrom.FILE
    return CitedReview(
        reference=file.review if named else Reference(title=settings.review.title),
        source=file.source,
        software=file.software,
        evidence_set="" if named else settings.review.evidence_set,
        version=settings.version,
    )


def cite_review(review: CitedReview) -> str:
    """Return the citation of the review: authors, year, title, edition, address."""
    work = review.reference
    made = f"Computed by taprev {review.version}."
    return _line(_who_and_when(work), _stopped(work.title), _edition(work), _evidence(review), made, work.address)


def cite_figure(review: CitedReview, figure: CitedFigure) -> str:
    """Return the citation of a figure: authors, year, its title, its domain and seal, and the review that it is in."""
    return _cite_part(review, figure.title, figure.part, f"Drawn by taprev {review.version}.")


def cite_slide(review: CitedReview, title: str) -> str:
    """Return the citation of a slide."""
    return _cite_part(review, title, "Slide", f"Made by taprev {review.version}.")


def cite_slides(review: CitedReview) -> str:
    """Return the citation of the slides as a whole, which have the title of the review."""
    work, made = review.reference, f"Made by taprev {review.version}."
    title = f"{_unstopped(work.title)} [Slides]."
    return _line(_who_and_when(work), title, _edition(work), _evidence(review), made, work.address)


def cite_software(review: CitedReview) -> str:
    """Return the citation of the software that CITATION.cff describes, or nothing where it describes none."""
    work = review.software
    return _line(_who_and_when(work), _stopped(work.title), _edition(work), work.address) if work.title else ""


def not_recorded(review: CitedReview) -> str:
    """Return what a citation of the review lacks, why, and where to say it; nothing where it is whole."""
    work = review.reference
    held = {"authors": work.authors, "year": work.year, "edition": work.edition, "address": work.address}
    lacking = [name for name, value in held.items() if not value]
    if not lacking:
        return ""
    named = f"the {labels.listed(lacking)} of the review"
    if review.source == CitedFrom.FILE:
        return sentence(f"{named}: not recorded in {NAME}")
    return f"{WHY[review.source]}, so {named} are not recorded here. {REMEDY}"


def bibtex(review: CitedReview, figures: Iterable[CitedFigure]) -> str:
    """Return the review and its figures as BibTeX, each with the key of its file and seal."""
    work = review.reference
    own = {"title": work.title}
    entries = [_entry("review", review, own, f"Computed by taprev {review.version}.")]
    for figure in figures:
        fields = {
            "title": f"{_unstopped(labels.clean(figure.title))} [{figure.part}]",
            "howpublished": f"In: {_unstopped(work.title)}",
        }
        key = "_".join(filter(None, (figure.stem, figure.seal)))
        entries.append(_entry(key, review, fields, f"Drawn by taprev {review.version}."))
    return "\n".join(entries)


def _cite_part(review: CitedReview, title: str, part: str, made: str) -> str:
    work = review.reference
    named = f"{_unstopped(title)} [{part}]."
    within = f"In: {_stopped(work.title)}"
    return _line(_who_and_when(work), named, within, _edition(work), _evidence(review), made, work.address)


def _line(*parts: str) -> str:
    return labels.clean(" ".join(filter(None, parts)))


def _who_and_when(work: Reference) -> str:
    names = "; ".join(map(_name, work.authors)) or NO_AUTHORS
    return f"{names} ({work.year or NO_YEAR})."


def _name(author: Author) -> str:
    return f"{author.name}, {author.given}" if author.given else author.name


def _edition(work: Reference) -> str:
    """Return the edition as it is recorded, with the word version before a bare number such as 1.2 or v2."""
    if re.fullmatch(r"[vV]?\d[\w.+-]*", work.edition):
        return f"Version {work.edition.lstrip('vV')}."
    return _stopped(work.edition)


def _evidence(review: CitedReview) -> str:
    return sentence(review.evidence_set)


def _stopped(text: str) -> str:
    """Return a title with a full stop, and with the letter that it begins with as it is."""
    text = labels.clean(text)
    return text if not text or text[-1] in ".!?" else f"{text}."


def _unstopped(title: str) -> str:
    return labels.clean(title).removesuffix(".")


def _entry(key: str, review: CitedReview, fields: dict[str, str], made: str) -> str:
    """Return an entry; a field that is not recorded is left out, and the note says when that is the authors."""
    work = review.reference
    note = ["" if work.authors else f"{NO_AUTHORS}.", _edition(work), _evidence(review), made]
    told = {name: _tex(text) for name, text in fields.items()}
    held = {
        "author": " and ".join(map(_tex_name, work.authors)),
        "year": work.year,
        **told,
        "note": _tex(" ".join(filter(None, note))),
        "url": re.sub(r"[{}\\]", "", work.address),
    }
    lines = [f"  {name} = {{{text}}}" for name, text in held.items() if text]
    return f"@misc{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _tex_name(author: Author) -> str:
    """Return a name for BibTeX; braces keep that of a family or group in one piece."""
    name = f"{{{_tex(author.name)}}}"
    return f"{name}, {_tex(author.given)}" if author.given else name


def _tex(text: str) -> str:
    """Return a text for BibTeX: what TeX would take for a command stands for itself."""
    return re.sub(r"[\\~^{}$&%#_]", lambda found: BIBTEX.get(found[0], f"\\{found[0]}"), labels.clean(text))
