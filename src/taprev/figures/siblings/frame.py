"""What the sibling figures of a domain share: their head and foot, and the names and cautions of their strata."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from taprev.drawing import theme, typeset
from taprev.drawing.page import BLOCK_LEAD, Page
from taprev.drawing.pooled_marks import DiamondStyle, diamond_style
from taprev.figures.forest.alternative_text import number_words
from taprev.figures.forest.layout import sensitivity_label
from taprev.figures.forest.layout_strata import cautions_of, notes_of
from taprev.synthesis.results import FEWEST_STUDIES, Fit, Outside, Stratum, Study, Synthesis
from taprev.vocabulary import Fate, NoteCode
from taprev.wording import labels, notes, sentences
from taprev.wording.verdicts import bears_verdict

LEAD = BLOCK_LEAD
INDENT = 28.0
TOO_FEW = (
    "Below ten studies a pattern among them cannot be told from chance, and misleads (Cochrane Handbook, 10.11.5.1 and "
    "13.3.5.4)."
)
NOTHING = "Nothing is pooled in this domain."


@dataclass(frozen=True)
class StratumSection:
    """A stratum under the name it bears in the figure; `main` is False for a sensitivity analysis."""

    stratum: Stratum | Outside
    label: str
    main: bool

    @property
    def hollow(self) -> bool:
        """Whether a mark is hollow: without a control group, or for two effects."""
        fit = fit_of(self.stratum)
        contrasts = self.stratum.contrasts
        return diamond_style(contrasts, fit.k).hollow if fit else labels.after_words(contrasts)


@dataclass(frozen=True)
class PooledSection(StratumSection):
    """A stratum that has a pooled number."""

    stratum: Stratum

    @property
    def fit(self) -> Fit:
        """The pooled number."""
        return self.stratum.pooled

    @property
    def style(self) -> DiamondStyle:
        """The style of the diamond of the pooled number."""
        return diamond_style(self.stratum.contrasts, self.fit.k)


def fit_of(stratum: Stratum | Outside) -> Fit | None:
    """Return the fit of a stratum, None where nothing is pooled or it lies outside the main results."""
    return stratum.fit if isinstance(stratum, Stratum) else None


def nested(stratum: Stratum | Outside) -> bool:
    """Return whether a pooled number takes its effects as nested in studies."""
    fit = fit_of(stratum)
    return fit is not None and fit.nesting is not None


def panel_note(stratum: Stratum | Outside, *codes: NoteCode) -> str:
    """Return what the first note of the sensitivity panel with one of these codes says, or nothing."""
    given = stratum.panel.notes if stratum.panel else ()
    return notes.reason(next((note for note in given if note.code in codes), None))


def pooled(content: Synthesis) -> list[PooledSection]:
    """Return the strata that have a pooled number, main results first."""
    main = [PooledSection(s, labels.clean(s.label), True) for s in content.strata if s.fit]
    more = [PooledSection(s, sensitivity_label(s.label), False) for s in content.sensitivity if s.fit]
    return main + more


def points(stratum: Stratum) -> list[Study]:
    """Return the pooled effects of a stratum."""
    return [study for study in stratum.studies if study.fate == Fate.POOLED]


def studies(stratum: Stratum) -> int:
    """Return how many studies the pooled effects of a stratum come from."""
    return len({study.study for study in points(stratum)})


def too_few(stratum: Stratum) -> str:
    """Return that a stratum pools too few studies for a figure of patterns among them; nothing where they suffice."""
    number = studies(stratum)
    told = f"Only {labels.count(number, 'study is', 'studies are')} pooled. {TOO_FEW}"
    return "" if number >= FEWEST_STUDIES else told


def nothing_pooled(content: Synthesis) -> str:
    """Return why a domain has nothing to draw: its own note, or that nothing is pooled in it."""
    if any(s.studies or s.missing_results.studies for s in content.strata):
        return NOTHING
    return sentences.nothing(content.notes)


def head(page: Page, content: Synthesis, name: str) -> float:
    """Draw the title of the domain over the name of the figure and the counts, and return where they end."""
    room, base = page.right - page.left, theme.MARGIN + 20
    title = labels.clean(content.label)
    base += 27 * page.paragraph(page.left, base, title, theme.TITLE, room, 27) - 2
    subtitle = f"{name} · {sentences.counts(content)}"
    return base + 18 * page.paragraph(page.left, base, subtitle, theme.SUBTITLE, room, 18) - 6


def section_head(page: Page, section: StratumSection, note: str, y: float) -> float:
    """Draw the name of a stratum with a note at right, over a hairline, and return where they end."""
    note = note if section.main else f"{note} · not a main result"
    kind, base = theme.SECTION if section.main else theme.SECTION_QUIET, y + 34
    room = page.right - page.left - typeset.width(note, theme.NOTE) - 24
    lines = page.paragraph(page.left, base, section.label, kind, room, 19)
    base += (lines - 1) * 19
    page.text(page.right, base, note, theme.NOTE, "right")
    page.rule(page.left, page.right, base + 8)
    return base + 12


def warnings(stratum: Stratum | Outside) -> tuple[str, ...]:
    """Return the cautions of a pooled stratum; of two effects also what the fit itself notes of them."""
    if not isinstance(stratum, Stratum) or stratum.fit is None:
        return ()
    return (*(() if bears_verdict(stratum.fit.k) else notes_of(stratum)), *cautions_of(stratum))


def size_note(section: PooledSection) -> str:
    """Return how many studies and effects a pooled number has."""
    return f"{labels.count(studies(section.stratum), 'study', 'studies')} · k = {section.fit.k}"


def each_pooled(
    page: Page,
    content: Synthesis,
    y: float,
    why_not: Callable[[Stratum], str],
    draw: Callable[[Page, PooledSection, float], float],
) -> float:
    """Draw every pooled stratum under its name, or why it has nothing to show; return where they end.

    `draw` draws a stratum from y on, and returns where it ends.
    """
    for section in pooled(content):
        y = section_head(page, section, size_note(section), y)
        reason = why_not(section.stratum)
        y = page.block(reason, y + 4, theme.CAUTION, INDENT) if reason else draw(page, section, y)
        y = cautions(page, section, y)
    return y


def words_of_each(
    content: Synthesis, why_not: Callable[[Stratum], str], said: Callable[[Stratum], Iterable[str]]
) -> Iterator[str]:
    """Yield, for each pooled stratum, its number with what a figure says of it, or why it says nothing."""
    for section in pooled(content):
        stratum, fit = section.stratum, section.fit
        texts = [f"{number_words(stratum, fit.estimate, fit)}, k = {fit.k}"]
        texts += [reason] if (reason := why_not(stratum)) else said(stratum)
        texts += warnings(stratum)
        yield " ".join([f"{section.label.rstrip('.')}:", *(sentences.sentence(text) for text in texts if text)])


def cautions(page: Page, section: StratumSection, y: float) -> float:
    """Draw the cautions of a stratum, each beginning on its own line, and return where they end."""
    for text in warnings(section.stratum):
        y = page.block(text, y, theme.CAUTION, INDENT)
    return y


def foot(page: Page, content: Synthesis, y: float) -> float:
    """Draw the fate of every row, the evidence set and the seal; return where they end."""
    closing = (sentences.fates(content.fates), sentences.sentence(content.evidence_set))
    for text in (*closing, sentences.made_by(content)):
        y = page.block(text, y) + 2
    return y


def axis_name(stratum: Stratum | Outside) -> str:
    """Return the name of the axis of a stratum; a stratum outside the strata has no unit of its own."""
    unit = stratum.unit if isinstance(stratum, Stratum) else ""
    return labels.axis_label(stratum.scale, unit, stratum.contrasts)


def own_sides(stratum: Stratum | Outside) -> tuple[str, str]:
    """Return what lies left and right of no difference in a stratum."""
    return labels.sides(stratum)


def no_difference(stratum: Stratum) -> str:
    """Return `no change` where there is no control group, and `no difference` elsewhere."""
    return labels.nothing(stratum.contrasts)
