"""How the columns of a file fill a table of a review: columns, constants, and words for words."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class TableMap(BaseModel):
    """`columns` names a column of the file by that of taprev, `values` a word of taprev by one of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    columns: dict[str, str] = {}
    constants: dict[str, str | int | float] = {}
    values: dict[str, dict[str, str]] = {}
