"""What stands beside the rows of a forest plot as the settings have it: descriptors and risk of bias."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taprev.figures.forest import bias_columns
from taprev.figures.forest.layout_order import told
from taprev.settings.figures import Figures
from taprev.wording import labels


@dataclass(frozen=True)
class Beside:
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

    def descriptors_of(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Return what a study has in each of these columns, in words."""
        return tuple(told(row["descriptors"].get(name, "")) for name in self.how.descriptors)

    def bias_of(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the judgement of a study in each column of risk of bias."""
        return self.bias.cells(row["risk_of_bias"]) if self.bias else ()


def beside_of(content: Mapping[str, Any], how: Figures) -> Beside:
    """Return what stands beside the rows of a domain."""
    tested = any(test["pval"] is not None for test in content["sign_tests"])
    return Beside(how, bias_columns.bias_of(content) if how.risk_of_bias else None, tested)
