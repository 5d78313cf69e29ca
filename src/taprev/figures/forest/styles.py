"""Whose forest plots ours resemble: heads, brackets, colours, and on which side of the plot the numbers stand.

What says how sure a number is stays in every style: hollow and dashed diamonds, open squares, the tier of an effect.
RevMan and JAMA are named for what readers of Cochrane reviews and of that journal are used to; neither made this.
"""

from __future__ import annotations

from dataclasses import dataclass

from taprev.drawing import theme
from taprev.vocabulary import ForestStyle


@dataclass(frozen=True)
class Appearance:
    """What differs between styles.

    `numbers_first` sets estimates before the plot, `weight_first` the weights before the estimates. `signs` stand for
    the bracket before an interval, what is between its ends, and the bracket behind it.
    """

    study_head: str = "Study, sample"
    weight_head: str = "weight"
    numbers_first: bool = False
    weight_first: bool = False
    signs: tuple[str, str, str] = ("[", ",", "]")
    square: str = theme.ESTIMATE
    diamond: str = theme.ESTIMATE

    def pieces(self, estimate: tuple[str, ...]) -> tuple[str, ...]:
        """Return the pieces of an estimate with the signs of this style."""
        return tuple(self.signed(piece) for piece in estimate)

    def signed(self, text: str) -> str:
        """Return a text with the brackets of this style in place of the usual ones."""
        opening, between, closing = self.signs
        return text.replace("[", opening).replace(",", between).replace("]", closing)


APPEARANCES = {
    ForestStyle.TAPREV: Appearance(),
    ForestStyle.REVMAN: Appearance(
        study_head="Study or Subgroup",
        weight_head="Weight",
        numbers_first=True,
        weight_first=True,
        square="#2E7D32",
        diamond="#000000",
    ),
    ForestStyle.JAMA: Appearance(
        study_head="Source",
        weight_head="Weight",
        numbers_first=True,
        signs=("(", " to", ")"),
        square="#1B3A57",
        diamond="#1B3A57",
    ),
}
