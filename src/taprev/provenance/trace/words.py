"""The way back in words, for the screen."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from taprev.extraction.forms import form_words
from taprev.ground.places import FOREST, figure_place
from taprev.provenance.trace.results import CellHistory, DomainTrace, ResultEvidence, Touch
from taprev.provenance.trace.targets import Target
from taprev.synthesis.results import Stratum, Study, Synthesis
from taprev.vocabulary import CellRole, Read
from taprev.wording import estimates, labels, notes, sentences

WIDTH = 100
ROLES = {
    CellRole.FIGURE: "its number stands in the formula",
    CellRole.DECIDES: "it steers formula, sign, stratum or fate",
    CellRole.DESCRIBES: "it describes; the formula does not use it",
}


def words(target: Target) -> str:
    """Return what was asked for as text."""
    if target.kind == "domain":
        (trace,), (synthesis,) = target.traces, target.syntheses
        return "\n".join(_domain(trace, synthesis))
    parts = []
    for trace, synthesis in zip(target.traces, target.syntheses, strict=True):
        for name in target.results:
            if name not in trace.results:
                continue
            evidence = trace.results[name]
            lines = _cell(evidence, trace, target.column) if target.kind == "cell" else _result(evidence)
            parts.append("\n".join((*lines, *_numbers(evidence, synthesis))))
    return "\n\n".join(parts)


def _domain(trace: DomainTrace, synthesis: Synthesis) -> Iterator[str]:
    yield f"{labels.clean(trace.label)} ({trace.domain}), seal {trace.seal}"
    for stratum in (*synthesis.strata, *synthesis.sensitivity):
        yield ""
        fit = stratum.fit
        if fit is None:
            yield from _wrapped(f"{stratum.label}: {notes.why_not(stratum.not_estimable)}")
        else:
            yield from _wrapped(f"{stratum.label}: {sentences.number(fit, estimates.style(stratum))}")
            tau2 = "no tau2" if fit.tau2 is None else f"{fit.tau2_method}, tau2 = {fit.tau2:.6g}"
            yield f"  {fit.model.said}, {tau2}, {labels.ci_method(fit.ci_method)} interval"
            if total := sentences.weighted_sum(stratum):
                yield from _wrapped(f"  estimate = sum of weight × yi = {total}", "    ")
        for study in stratum.studies:
            yield from _study(study, stratum, trace)
    directions = [evidence for evidence in trace.results.values() if not evidence.effect]
    yield ""
    yield f"Without a magnitude, or excluded: {labels.count(len(directions), 'result', 'results')}"
    for evidence in directions:
        yield from _wrapped(
            f"  {evidence.result}  {evidence.label}: {evidence.fate.replace('_', ' ')}, {notes.reason(evidence.reason)}"
        )
    yield ""
    if trace.results:
        yield f"To go on: taprev trace {next(iter(trace.results))}"


def _study(study: Study, stratum: Stratum, trace: DomainTrace) -> Iterator[str]:
    weight = "not pooled" if study.weight is None else labels.weight(study.weight).replace(labels.NBSP, " ")
    own = study.own
    number = f"; yi = {own.yi:.6g}, vi = {own.vi:.6g}" if own else ""
    shown = estimates.estimate(own.yi, own.ci_lb, own.ci_ub, estimates.style(stratum)) if own else labels.counts(study)
    yield from _wrapped(f"  {weight:>10}  {study.label}: {shown}{number}", " " * 14)
    for name in study.results:
        evidence = trace.results[name]
        effect = evidence.effect
        how = f"{effect.derivation}, {effect.tier}" if effect else notes.reason(evidence.reason)
        where = ", ".join(part for part in (evidence.source["report"], evidence.source["location"]) if part)
        yield from _wrapped(f"{'':14}{name}  {how}; {where}", " " * 18)


def _result(evidence: ResultEvidence) -> Iterator[str]:
    yield from _wrapped(
        f"{evidence.result} · {evidence.label} · {evidence.outcome}, {evidence.timepoint or 'no time printed'}"
    )
    yield from _wrapped(
        f"Fate: {evidence.fate.replace('_', ' ')}{'; ' + notes.reason(evidence.reason) if evidence.reason else ''}"
    )
    yield from _source(evidence)
    yield f"Cells (consensus: data/extracted/outcomes.csv, row {evidence.places['outcomes']}{_forms(evidence)}):"
    for cell in evidence.cells:
        yield from _wrapped(f"  {cell.column} = {cell.value or '(empty)'}   [{_settled(cell)}]", " " * 8)
    for judged in evidence.judgements:
        yield from _wrapped(
            f"Risk of bias ({judged['tool']}, {judged['domain']}): {judged['judgement']}. {judged['reason']}"
        )
    for query in evidence.queries:
        before = (
            f" Answered when another figure was found: {query['earlier_answer']}" if query["earlier_answer"] else ""
        )
        answer = f"Answer: {query['answer']}" if query["answer"] else f"Open.{before}"
        yield from _wrapped(f"Query {query['check']}: {query['found']} {query['ask']} {answer}")


def _forms(evidence: ResultEvidence) -> str:
    places = [f"data/raw/{name}.csv, row {row}" for name, row in evidence.places.items() if name != "outcomes"]
    return "".join(f"; {location}" for location in places)


def as_given(evidence: ResultEvidence) -> str:
    """Return what the figures of a result are called: printed only where somebody copied them from the report."""
    if not evidence.source["as_reported"]:
        return "Figures"
    return "As given in what was read" if evidence.source.get("read") == Read.SECONDARY else "As printed"


def _source(evidence: ResultEvidence) -> Iterator[str]:
    source = evidence.source
    yield from _wrapped(f"{as_given(evidence)}: {source['as_reported'] or 'the cells below; no words were copied'}")
    location = ", ".join(
        part for part in (source["location"], f"page {source['page']}" if source["page"] else "") if part
    )
    yield from _wrapped(f"  in {source['citation'] or source['report']}: {location or 'place not recorded'}")
    if source["source_url"]:
        yield f"  {source['source_url']}"
    if source["source_quote"]:
        yield from _wrapped(f'  "{source["source_quote"]}"')


def _settled(cell: CellHistory) -> str:
    if not cell.readings:
        return f"{cell.settled}: {cell.reason}" if cell.reason else cell.settled
    said = ", ".join(f"{form_words(form)} form {reading or '(empty)'}" for form, reading in cell.readings.items())
    row = f", row {cell.ruling} of adjudication.csv" if cell.ruling else ""
    why = f": {cell.reason}" if cell.reason else ""
    return f"{said}; {cell.settled}{row}{why}"


def _cell(evidence: ResultEvidence, trace: DomainTrace, column: str) -> Iterator[str]:
    cell = next(cell for cell in evidence.cells if cell.column == column)
    yield from _wrapped(
        f"{evidence.result}.{column} = {cell.value or '(empty)'}   ({evidence.label}, {evidence.outcome})"
    )
    yield from _wrapped(f"  {trace.columns[column]}")
    yield from _wrapped(f"  {_settled(cell)}")
    yield f"  data/extracted/outcomes.csv, row {evidence.places['outcomes']}{_forms(evidence)}"
    yield f"  {ROLES[cell.role].capitalize()}."
    yield from _source(evidence)


def _numbers(evidence: ResultEvidence, synthesis: Synthesis) -> Iterator[str]:
    """Yield the working of a result's effect and every number it goes on to."""
    if effect := evidence.effect:
        yield f"Effect: {effect.derivation} ({effect.measure}, {effect.tier})"
        for line in evidence.working:
            same = line.filled in (line.formula, labels.significant(line.value))
            filled = "" if same else f" = {line.filled}"
            yield from _wrapped(f"  {line.name} = {line.formula}{filled} = {labels.significant(line.value)}", " " * 6)
    for note in notes.sentences(evidence.assumptions):
        yield from _wrapped(f"  assumed: {note}", " " * 6)
    for touch in evidence.touches:
        if touch.shared_by > 1:
            yield from _wrapped(f"  {average(touch)}", " " * 6)
        pooled = f"weight {labels.weight(touch.weight)}; pooled {sentences.number(touch, touch.style)}"
        yield from _wrapped(f"{touch.label}: {pooled}")
        yield from _wrapped(f"  without this row: {without(touch)}")
    for sway in evidence.sways:
        before, after = (sentences.number(number, sway.style) for number in (sway.before, sway.after))
        yield from _wrapped(f"{sway.label}: {sway.why}; {before}; without this row: {after}")
    for vote in evidence.votes:
        yield f"Votes ({labels.contrast(vote.contrast)}): {vote.direction}"
    if evidence.part_of:
        yield f"A part of {evidence.part_of}"
    if not (evidence.touches or evidence.sways):
        yield "No pooled number of the review hangs on it."
    if evidence.otherwise:
        yield from _wrapped(f"It may be pooled under other choices ({'; '.join(evidence.otherwise)}).")
    yield from _files(evidence, synthesis)


def average(touch: Touch) -> str:
    """Return how equal results of one sample became one effect, in words."""
    numbers = f"yi = {touch.yi:.6g}, vi = {touch.vi:.6g}"
    how = f"vi = ((1 − ρ) × sum of vi + ρ × (sum of √vi)²) / {touch.shared_by}², ρ = {touch.rho:g}"
    return f"with {touch.shared_by - 1} equal results of the sample, averaged: {numbers}; {how}"


def without(touch: Touch) -> str:
    """Return what a number would be without a row, in words."""
    left, sentence = touch.without, sentences.number(touch.without, touch.style)
    if left.estimate is None or labels.back_transformed(touch.scale):
        return sentence
    moved = left.estimate - touch.estimate
    return f"{sentence}, a change of {'+' if moved > 0 else ''}{labels.number(moved, 3)}"


def _files(evidence: ResultEvidence, synthesis: Synthesis) -> Iterator[str]:
    domain = synthesis.domain
    names = [f"synthesis/{domain}.json", "tables/fates.csv", "report.html"]
    if synthesis.has_evidence:
        names.insert(1, f"figures/{figure_place(domain, FOREST)}.svg")
    if evidence.touches:
        names.insert(2, "tables/summary.csv")
    yield from _wrapped(f"In results/: {', '.join(names)}")


def _wrapped(text: str, indent: str = "    ") -> list[str]:
    lead = " " * (len(text) - len(text.lstrip()))
    words = labels.clean(text)
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=lead,
        subsequent_indent=max(lead, indent, key=len),
        break_long_words=False,
        break_on_hyphens=False,
    )
