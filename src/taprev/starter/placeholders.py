"""The texts of a new review that stand for those of its authors, and that nobody may publish as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from taprev.extraction.problems import Problem
from taprev.ground.yaml_loader import Loader
from taprev.settings import Settings
from taprev.settings.involvement import Involvement
from taprev.settings.sections import Part, Review
from taprev.starter.write import BLANK

REVIEW = "review"


def placeholders(settings: Settings, involvement: Involvement, config: str, record: str) -> list[Problem]:
    """Return a problem for each text that is still the one `taprev init` wrote; `config` and `record` name the files.

    What `taprev init` writes is read from its own files: every text under `review`, and of the involvement.
    """
    return [
        *_left(settings.review, Review, _written("review.yaml").get(REVIEW) or {}, config, f"{REVIEW} > "),
        *_left(involvement, Involvement, _written("involvement.yaml"), record, ""),
    ]


def _written(name: str) -> Any:
    return yaml.load((BLANK / name).read_text(encoding="utf-8"), Loader=Loader) or {}


def _left(part: Part, kind: type[Part], texts: Mapping[str, object], file: str, above: str) -> Iterator[Problem]:
    for name, text in texts.items():
        if isinstance(text, str) and str(getattr(part, name)).split() == text.split():
            needed = kind.model_fields[name].is_required()
            yield Problem(
                file=file,
                row=None,
                result="",
                study=f"{above}{name}",
                column="",
                found=f"found {text.strip()!r}, which is the text of every new review.",
                advice=f"Write your own{'' if needed else ', or remove it'}: it is printed in figures and documents.",
            )
