"""A new review that is begun with answers: what it asks, its arms, its outcomes, and how many people extract."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from taprev.exchange.names import plain
from taprev.extraction.risk_of_bias.declarations import shipped_tools
from taprev.extraction.risk_of_bias.tools import titles
from taprev.ground.files import write_text
from taprev.ground.staging import together
from taprev.settings import read_settings
from taprev.starter.forms.write import FormRequest, write_forms
from taprev.starter.settings_text import extracted_once, replaced, with_arms, with_domains, with_tools, with_words
from taprev.starter.write import SETTINGS, new_codebook, refuse_folder, review_files
from taprev.vocabulary import MeasuredAs, Scale, Statistic

REMARK = "These are the outcomes that the review was begun with."
EVERYBODY = "all_ages"
"""The people of a review that does not say whose outcomes it is about."""
ABOUT = r"^  # What a reader must know before using a number\..*\n  about: >-\n    .*\n"
"""The example of what a reader must know before using a number, with its remark; `WITHOUT_ABOUT` stands for it."""
WITHOUT_ABOUT = """\
  # What a reader must know before using a number is printed at the top of the report, where it is written here:
  # about: what a reader must know
"""
T = TypeVar("T")
Ask = Callable[[str, str], str]
"""Asks a question, with the answer that stands where nobody writes one."""


@dataclass(frozen=True)
class OutcomeAsked:
    """An outcome: what it is called, and how it is measured; `unit` where it is in units of its own."""

    label: str
    kind: MeasuredAs
    unit: str = ""


@dataclass(frozen=True)
class Beginning:
    """The answers with which a review begins; an empty text was not given."""

    title: str = ""
    question: str = ""
    evidence: str = ""
    programme: str = ""
    comparator: str = ""
    extractors: int = 2
    tools: tuple[str, ...] = ()
    outcomes: tuple[OutcomeAsked, ...] = ()
    population: str = ""

    @property
    def given(self) -> bool:
        """Whether anything was answered."""
        return self != Beginning()


def outcome_asked(text: str) -> OutcomeAsked:
    """Return the outcome that a text such as `Sleep problems: scores` or `Stay: units of days` names.

    Raises ValueError where it does not say how it is measured.
    """
    label, _, how = (" ".join(part.split()) for part in text.rpartition(":"))
    measured = re.fullmatch(r"(\w+)(?: of (.+))?", how)
    if not label or measured is None or measured[1].lower() not in set(MeasuredAs):
        kinds = ", ".join(f"{kind} ({kind.said})" for kind in MeasuredAs)
        raise ValueError(f'found "{text}" for an outcome. {_ways(label, how)}; it is one of {kinds}.')
    kind, unit = MeasuredAs(measured[1].lower()), measured[2] or ""
    if (kind == MeasuredAs.UNITS) != bool(unit):
        raise ValueError(f'found "{text}" for an outcome. Units have a name, others none. {_ways(label, unit)}.')
    return OutcomeAsked(label, kind, unit)


def _ways(label: str, how: str) -> str:
    """Return how an outcome may be written, in the words of the person who wrote one."""
    own, unit = label or how or "Sleep problems", how if label and how else "days"
    return f'Write "{own}: scores", "{own}: events" or "{own}: units of {unit}"'


def asked(ask: Ask) -> Beginning:
    """Return what a person answers to each question in turn; an empty answer leaves a text for later."""
    title = ask("What is the review called?", "")
    question = ask("What does it ask?", "")
    evidence = ask("Where does its evidence come from (the search, its date, its limits)?", "")
    programme = ask("What is the first arm called, without an article?", "programme")
    comparator = ask("And the one it is compared with?", "comparator")
    extractors = _until_read(ask, "How many people extract the figures, 1 or 2?", "2", _people)
    knows = ", ".join(dict.fromkeys(tool.name for tool in shipped_tools().tools))
    judged = f"With which tools is risk of bias judged ({knows}; several with semicolons; nothing: decide later)?"
    tools = _until_read(ask, judged, "", lambda text: tools_asked(text.split(";")))
    asks = "Which outcomes (such as Sleep problems: scores; Restraint: events; Stay: units of days)?"
    outcomes = _until_read(ask, asks, "", outcomes_asked)
    whose = f"Whose outcomes are they ({', '.join(populations())})?"
    population = _until_read(ask, whose, EVERYBODY, population_asked) if outcomes else ""
    return Beginning(title, question, evidence, programme, comparator, extractors, tools, outcomes, population)


def _until_read(ask: Ask, question: str, usual: str, read: Callable[[str], T]) -> T:
    """Ask until an answer can be read; what is wrong with one stands before the question."""
    said = question
    while True:
        try:
            return read(ask(said, usual))
        except ValueError as error:
            said = f"{error} {question}"


def outcomes_asked(text: str) -> tuple[OutcomeAsked, ...]:
    """Return the outcomes that a text names, with semicolons between them."""
    return tuple(outcome_asked(one) for one in text.split(";") if one.strip())


def tools_asked(names: Iterable[str]) -> tuple[str, ...]:
    """Return tools of risk of bias by the names that taprev has for them; ValueError where it does not know one."""
    typed = [" ".join(name.split()) for name in names if name.strip()]
    known = {name: shipped_tools().named(name) for name in typed}
    if unknown := [name for name, tools in known.items() if not tools]:
        raise ValueError(
            f'found "{unknown[0]}" for a tool of risk of bias. taprev knows {titles(shipped_tools().tools)}; another '
            "is declared in the codebook later."
        )
    return tuple(dict.fromkeys(tools[0].name for tools in known.values()))


def populations() -> tuple[str, ...]:
    """Return the words that the codebook of a new review has for people."""
    outcomes = next(table for table in new_codebook()["resources"] if table["name"] == "outcomes")
    return next(tuple(f["constraints"]["enum"]) for f in outcomes["schema"]["fields"] if f["name"] == "population")


def population_asked(text: str) -> str:
    """Return a population by its word in the codebook of a new review; ValueError where it has no such word."""
    word = "_".join(text.lower().split())
    if word not in populations():
        raise ValueError(
            f'found "{text}" for whose outcomes they are. Write one of {", ".join(populations())}; another word is '
            "added to the codebook later (datapackage.yaml, outcomes, population), and then stands in the settings."
        )
    return word


def _people(text: str) -> int:
    if text.strip() not in ("1", "2"):
        raise ValueError(f'Found "{text}" for the people who extract. Write 1 or 2; more can be added later.')
    return int(text)


def begin(folder: Path, answers: Beginning) -> list[str]:
    """Write a review that the answers begin, with its forms as workbooks, and return a sentence for each form."""
    refuse_folder(folder)
    files = review_files()
    files[SETTINGS] = settings_of(files[SETTINGS], answers)
    if answers.extractors == 1:
        files = {name: text for name, text in files.items() if not name.startswith("data/raw/")}
    with together(folder) as place:
        for name, text in files.items():
            write_text(place / name, text)
        wanted = FormRequest(in_sight=_in_sight(answers.outcomes))
        told = write_forms(place / "data", read_settings(place / SETTINGS), wanted)
    return [sentence.replace(place.as_posix(), folder.as_posix()) for sentence in told]


def settings_of(text: str, answers: Beginning) -> str:
    """Return the settings of a new review with the answers in them."""
    words = {"title": answers.title, "question": answers.question, "evidence_set": answers.evidence}
    text = replaced(with_words(text, words), ABOUT, WITHOUT_ABOUT) if answers.evidence else with_words(text, words)
    if answers.programme or answers.comparator:
        text = with_arms(text, answers.programme or "programme", answers.comparator or "comparator")
    if answers.extractors == 1:
        text = extracted_once(text)
    if answers.tools:
        text = with_tools(text, answers.tools)
    return with_domains(text, REMARK, _domains(answers)) if answers.outcomes else text


def _domains(answers: Beginning) -> dict[str, dict[str, object]]:
    made: dict[str, dict[str, object]] = {}
    for one in answers.outcomes:
        name = domain_name(one.label)
        if name in made:
            raise ValueError(f'two outcomes would be called {name}: "{made[name]["label"]}" and "{one.label}".')
        made[name] = {"label": one.label, "population": answers.population or EVERYBODY, **_measured(one)}
    return made


def _measured(one: OutcomeAsked) -> dict[str, object]:
    if one.kind == MeasuredAs.EVENTS:
        return {"event": one.label}
    return {"scale": str(Scale.MD), "unit": one.unit} if one.unit else {"scale": str(Scale.SMD)}


def domain_name(label: str) -> str:
    """Return the name of a domain: small letters, digits and _, the first a letter; ValueError where none is left."""
    name = plain(label, "")
    if not name:
        raise ValueError(f'found "{label}" for an outcome; its name needs a letter from a to z.')
    return name if name[0].isalpha() else f"outcome_{name}"


def _in_sight(outcomes: Iterable[OutcomeAsked]) -> tuple[str, ...]:
    kinds = {one.kind for one in outcomes}
    if not kinds:
        return FormRequest().in_sight
    means = kinds & {MeasuredAs.SCORES, MeasuredAs.UNITS}
    return tuple(
        word for word, wanted in ((Statistic.MEANS, means), (Statistic.EVENTS, MeasuredAs.EVENTS in kinds)) if wanted
    )
