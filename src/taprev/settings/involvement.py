"""How people with lived experience took part in the review (GRIPP2 short form).

Staniszewska S, Brett J, Simera I, et al. GRIPP2 reporting checklists. Research Involvement and Engagement 2017;3:13.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from taprev.settings.sections import Part


def _text(value: object) -> object:
    return "" if value is None else str(value) if isinstance(value, int | float) else value


PlainText = Annotated[str, BeforeValidator(_text)]


class Involvement(Part):
    """The five items of the short form, empty where not reported, and the principles that involvement is held to."""

    aim: PlainText = ""
    methods: PlainText = ""
    results: PlainText = ""
    influence: PlainText = ""
    reflections: PlainText = ""
    principles: tuple[str, ...] = ()
    principles_source: PlainText = ""
