"""The results of a review as Python objects: its outcomes by name, their tables, words and forest plots."""

from __future__ import annotations

import warnings
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

import pandas as pd

from taprev.drawing import saving
from taprev.figures.forest.plot import forest_files, why_no_forest
from taprev.ground.fingerprint import fingerprint_on_disk
from taprev.ground.places import FOREST, figure_stem
from taprev.provenance.verify import changed_since
from taprev.settings import Settings, read_settings
from taprev.settings.figures import Figures
from taprev.synthesis.results import Synthesis, read_synthesis
from taprev.tables.write import SUMMARY, summary
from taprev.vocabulary import FigurePreset, ForestStyle
from taprev.wording import labels, notes
from taprev.wording.strata import direction_words, stratum_words

GLANCE = {
    "label": "outcome",
    "stratum_label": "design",
    "k": "k",
    "estimate_text": "pooled",
    "explanation": "what it says",
}
STUDY = ("label", "sample", "n_arm1", "n_arm2", "yi", "vi", "ci_lb", "ci_ub", "weight", "fate", "tier", "derivation")


@dataclass(frozen=True)
class ForestPicture:
    """A drawn forest plot: shown in a notebook, and saved as the files that `results/figures` has."""

    name: str
    files: Mapping[str, bytes]

    @property
    def words(self) -> str:
        """What the figure says, for people who cannot see it."""
        return self.files[".txt"].decode().strip()

    @property
    def svg(self) -> tuple[str, ...]:
        """Its pages as SVG."""
        return tuple(content.decode() for ending, content in self.files.items() if ending.endswith(".svg"))

    def save(self, folder: str | Path) -> list[Path]:
        """Write its files into a folder and return their paths; each is replaced whole or left as it was."""
        return saving.write(Path(folder), self.name, self.files)

    def _repr_html_(self) -> str:
        pages = (f"data:image/svg+xml;base64,{b64encode(page.encode()).decode()}" for page in self.svg)
        pictures = (f'<img src="{page}" alt="{escape(self.words)}" style="max-width: 100%">' for page in pages)
        return "".join(pictures)


@dataclass(frozen=True)
class Outcome:
    """One outcome of a review: `synthesis` holds everything that was computed, as the classes that computed it."""

    synthesis: Synthesis
    figures: Figures

    @property
    def strata(self) -> pd.DataFrame:
        """What is pooled, a row for each design, in the columns of `summary.csv`."""
        return pd.DataFrame(list(summary([self.synthesis])), columns=list(SUMMARY))

    @property
    def studies(self) -> pd.DataFrame:
        """The samples behind the numbers, a row for each sample in each design; `why` says why one is not pooled."""
        rows = [
            {
                "design": stratum.name,
                **{name: getattr(study, name) for name in STUDY},
                "why": notes.reason(study.reason),
            }
            for stratum in self.synthesis.strata
            for study in stratum.studies
        ]
        return pd.DataFrame(rows, columns=["design", *STUDY, "why"])

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the numbers say, in words that claim no more than they bear."""
        made = self.synthesis
        pooled = (f"{stratum.label}: {stratum_words(stratum, made.label)}" for stratum in made.strata)
        directions = (direction_words(test) for test in made.sign_tests)
        return tuple(map(labels.clean, (*pooled, *directions, *notes.sentences(made.notes))))

    def forest(self, preset: FigurePreset | str | None = None, style: ForestStyle | str | None = None) -> ForestPicture:
        """Draw the forest plot.

        Parameters
        ----------
        preset : str, optional
            page, column or slide; by default what the settings of the review say.
        style : str, optional
            taprev, revman or jama; likewise.

        Returns
        -------
        ForestPicture

        Raises
        ------
        ValueError
            For another preset or style, and where nothing can be drawn, with the reason.
        """
        if why := why_no_forest(self.synthesis):
            raise ValueError(f"{self.synthesis.label}: there is no forest plot. {why}")
        for name, value, known in (("preset", preset, FigurePreset), ("style", style, ForestStyle)):
            if value and value not in set(known):
                raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(known)}")
        how = self.figures.drawn_for(FigurePreset(preset)) if preset else self.figures
        how = how.model_copy(update={"style": ForestStyle(style)}) if style else how
        return ForestPicture(figure_stem(self.synthesis.domain, FOREST), forest_files(self.synthesis, how))

    def __repr__(self) -> str:
        numbers = [one.label for one in self.synthesis.strata if one.fit]
        pooled = f"pooled: {', '.join(numbers)}" if numbers else "nothing is pooled"
        return f"Outcome({self.synthesis.label!r}, {pooled})"

    def _repr_html_(self) -> str:
        words = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.sentences)
        drawn = "" if why_no_forest(self.synthesis) else self.forest()._repr_html_()
        return f"<h3>{escape(self.synthesis.label)}</h3>{drawn}<ul>{words}</ul>"


class ReviewResults(Mapping[str, Outcome]):
    """The results of a review: a mapping from the name of each outcome to what was found."""

    def __init__(self, settings: Settings, outcomes: Mapping[str, Outcome]) -> None:
        self.settings = settings
        self._outcomes = dict(outcomes)

    def __getitem__(self, name: str) -> Outcome:
        if name not in self._outcomes:
            raise KeyError(f"there is no outcome {name!r}; the outcomes are {', '.join(self._outcomes)}")
        return self._outcomes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._outcomes)

    def __len__(self) -> int:
        return len(self._outcomes)

    def __repr__(self) -> str:
        return f"ReviewResults({self.settings.review.title!r}, {labels.count(len(self), 'outcome', 'outcomes')})"

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Every pooled number and every gap, a row for each outcome and design, in the columns of `summary.csv`."""
        return pd.DataFrame(list(summary([one.synthesis for one in self.values()])), columns=list(SUMMARY))

    def _repr_html_(self) -> str:
        shown = self.summary.loc[self.summary["role"] == "main", list(GLANCE)].rename(columns=GLANCE)
        table = shown.to_html(index=False, na_rep="", float_format=lambda k: labels.number(k, 0), border=0)
        about = f"{self.settings.review.title}. {self.settings.review.evidence_set}"
        return f"<p>{escape(about)}</p>{table}"


def read(results: str | Path = "results") -> ReviewResults:
    """Read the results of a review.

    Parameters
    ----------
    results : str or Path
        The folder of results, or that of the review.

    Returns
    -------
    ReviewResults
        A mapping: `review["length_of_stay"].forest()` draws the forest plot of an outcome.

    Raises
    ------
    ValueError
        Where there are no results, and where a file was changed after it was written.

    Warns
    -----
    UserWarning
        Where data, settings or code changed since the results were made.
    """
    folder = Path(results)
    folder = folder / "results" if (folder / "results" / "settings.yaml").is_file() else folder
    if not (folder / "settings.yaml").is_file():
        raise ValueError(f"{folder.as_posix()}: there are no results here. Run make review, or name their folder.")
    if since := changed_since(folder, fingerprint_on_disk()):
        warnings.warn(since, stacklevel=2)
    settings = read_settings(folder / "settings.yaml")
    made = (read_synthesis(folder / "synthesis" / f"{name}.json") for name in settings.domains)
    return ReviewResults(settings, {one.domain: Outcome(one, settings.figures) for one in made})
