"""Whether one file, wherever it was copied, belongs to these results: true, stale, altered, or not of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from taprev.provenance.fingerprint import file_sha256
from taprev.provenance.manifest import read_manifest
from taprev.provenance.verify import Verification
from taprev.seal import Seal, seal_of
from taprev.synthesis.result import read_synthesis


@dataclass(frozen=True)
class Verdict:
    """What a file is (`true`, `stale`, `altered`, `redrawn`, `foreign` or `unsealed`) and a sentence that says why."""

    word: str
    sentence: str


def belongs(file: Path, results: Path, found: Verification) -> Verdict:
    """Return the verdict on a file; `found` is what `verify` says of the results themselves."""
    manifest, checksum = read_manifest(results), file_sha256(file)
    twin = next((name for name, other in manifest.outputs.items() if other == checksum), None)
    seal = seal_of(file)
    if twin is not None:
        return _of_these_results(results / twin, found)
    if seal is None:
        return Verdict(
            "unsealed", "it is no file of these results, and it carries no seal that would say what it is."
        )
    if not seal.whole or (seal.footer and set(seal.footer) != {seal.numbers}):
        said = "its content is not what was drawn. Do not use it; take the figure from the results folder."
        return Verdict("altered", said)
    return _by_its_numbers(seal, results)


def _of_these_results(twin: Path, found: Verification) -> Verdict:
    older = sorted({finding.file for finding in found.findings if finding.kind in ("input", "code")})
    if older:
        said = f"it is {twin.as_posix()}, but since then changed: {', '.join(older)}. Run the review again."
        return Verdict("stale", said)
    return Verdict("true", f"it is {twin.as_posix()}, byte for byte, and belongs to the present data.")


def _by_its_numbers(seal: Seal, results: Path) -> Verdict:
    path = results / "synthesis" / f"{seal.domain}.json"
    if not path.is_file():
        return Verdict("foreign", f"it is a figure of {seal.domain!r}, which these results do not have.")
    now = read_synthesis(path)["seal"]
    if seal.numbers != now:
        said = (
            f"it was drawn from other numbers (seal {seal.numbers}; those of {seal.domain} now bear {now})."
        )
        return Verdict("stale", said)
    said = (
        f"it carries the seal of the present numbers of {seal.domain}, but is not the file of these results: it was "
        "drawn by another version, or altered with care. Take the figure from the results folder."
    )
    return Verdict("redrawn", said)
