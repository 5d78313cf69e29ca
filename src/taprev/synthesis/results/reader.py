"""The JSON of a domain: written sealed, and read back into the dataclasses that wrote it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from taprev.synthesis.results.domain import Synthesis

UNSEALED_WHERE_NONE = {"missing_evidence"}
"""What results did not have at first: where there is none of it, the seal is that of the results without it."""


@cache
def adapter() -> TypeAdapter[Synthesis]:
    """Return the reader of a domain's JSON, which also knows its JSON Schema.

    Returns
    -------
    TypeAdapter of Synthesis
        The same object on every call.
    """
    return TypeAdapter(Synthesis)


def seal(content: dict[str, Any]) -> str:
    """Return the first eight hex digits of the SHA-256 of a domain's numbers, of its JSON as plain data.

    `made_by` and `seal` stay outside, so that the seal changes when the numbers do, or what people judged of missing
    evidence, and only then.

    Parameters
    ----------
    content : dict
        The JSON of a domain as plain data.

    Returns
    -------
    str
    """
    numbers = {key: value for key, value in content.items() if key not in ("made_by", "seal")}
    return hashlib.sha256(_canonical(_as_at_first(numbers)).encode()).hexdigest()[:8]


def _as_at_first(part: Any) -> Any:
    """Return plain data without what they lack."""
    if isinstance(part, list):
        return [_as_at_first(each) for each in part]
    if not isinstance(part, dict):
        return part
    there = (name for name, value in part.items() if value is not None or name not in UNSEALED_WHERE_NONE)
    return {name: _as_at_first(part[name]) for name in there}


def sealed(synthesis: Synthesis) -> Synthesis:
    """Return the domain with its seal.

    Parameters
    ----------
    synthesis : Synthesis
        The domain, with or without a seal.

    Returns
    -------
    Synthesis
        A copy with the seal of its numbers.
    """
    return replace(synthesis, seal=seal(json.loads(_canonical(asdict(synthesis)))))


def to_json(synthesis: Synthesis) -> str:
    """Return the domain as JSON at full precision, sealed.

    Parameters
    ----------
    synthesis : Synthesis
        The domain, with or without a seal.

    Returns
    -------
    str
        The JSON text, with a line end.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    return json.dumps(asdict(sealed(synthesis)), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _canonical(content: dict[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def from_json(text: str) -> Synthesis:
    """Return the domain in a JSON text, refusing one whose seal does not match its numbers.

    Parameters
    ----------
    text : str
        The JSON text.

    Returns
    -------
    Synthesis
        The domain.

    Raises
    ------
    ValueError
        If the text is not JSON, the seal does not match, or a field does not fit its class.
    """
    content = json.loads(text)
    if content.get("seal") != seal(content):
        raise ValueError("the seal does not match the numbers: the file was changed after it was written")
    return adapter().validate_python(content)


def read_synthesis(path: Path) -> Synthesis:
    """Return the domain in a JSON file, or raise ValueError with a sentence that names the file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Synthesis
        The domain.

    Raises
    ------
    ValueError
        For what `from_json` refuses.
    """
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: {error}. Run the synthesis again.") from None
