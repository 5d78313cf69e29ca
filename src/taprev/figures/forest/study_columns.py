"""What is shown next to the rows of a forest plot as the settings have it: descriptors and risk of bias."""

from __future__ import annotations

from dataclasses import dataclass

from taprev.figures.forest import bias_columns
from taprev.figures.forest.layout_order import level_words
from taprev.settings.figures import Figures
from taprev.synthesis.results import Study, StudyVote, Synthesis
from taprev.wording import labels


@dataclass(frozen=True)
class StudyColumns:
    """The settings of the figure, the columns of risk of bias where they are wanted, and whether p values are shown.

    Where the p values of sign tests are withheld, for want of a systematic search, so are those of pooled numbers.
    """

    how: Figures
    bias: bias_columns.Bias | None
    tested: bool

    @property
    def heads(self) -> tuple[str, ...]:
        """Return the heads of the columns of the study."""
        return tuple(labels.clean(name.replace("_", " ")) for name in self.how.descriptors)

    def descriptors_of(self, row: Study | StudyVote) -> tuple[str, ...]:
        """Return what a study has in each of these columns, in words."""
        return tuple(level_words(row.descriptors.get(name, "")) for name in self.how.descriptors)

    def bias_of(self, row: Study | StudyVote) -> tuple[str, ...]:
        """Return the judgement of a study in each column of risk of bias."""
        return self.bias.cells(row.risk_of_bias) if self.bias else ()


def study_columns_of(content: Synthesis, how: Figures) -> StudyColumns:
    """Return what is shown next to the rows of a domain."""
    tested = any(test.pval is not None for test in content.sign_tests)
    return StudyColumns(how, bias_columns.bias_of(content) if how.risk_of_bias else None, tested)
