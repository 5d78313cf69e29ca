"""The JSON Schema of every JSON file of results, made from the dataclasses that write and read them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter

from taprev.certainty import assessment
from taprev.provenance.diff import results as changes
from taprev.provenance.trace import results as trace
from taprev.synthesis.results import reader as synthesis

DIALECT = "https://json-schema.org/draft/2020-12/schema"
READERS: dict[str, Callable[[], TypeAdapter[Any]]] = {
    "synthesis": synthesis.adapter,
    "certainty": assessment.adapter,
    "trace": trace.adapter,
    "changes": changes.adapter,
}


def schemas() -> dict[str, str]:
    """Return the JSON Schemas as text by the name of their file: of a domain, its certainty, its trace, the changes."""
    return {
        f"{name}.schema.json": json.dumps({"$schema": DIALECT, **adapter().json_schema()}, indent=1, ensure_ascii=False)
        + "\n"
        for name, adapter in READERS.items()
    }
