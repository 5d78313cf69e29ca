"""Whether a file, wherever it was copied, or a seal read off a page belongs to these results."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from taprev.ground.fingerprint import file_sha256
from taprev.ground.places import WHOLE_REVIEW
from taprev.ground.seal import EVERY_DOMAIN, Seal, seal_of, seal_of_all
from taprev.provenance.manifest import read_manifest
from taprev.provenance.verify import UNSEEN, Verification
from taprev.synthesis.results import read_synthesis

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".bmp")
PRINTED = re.compile(r"(?:seal\s+)?([0-9a-f]{8})", re.IGNORECASE)


@dataclass(frozen=True)
class Verdict:
    """What a file is, and a sentence that says why.

    `word` is `true`, `stale`, `altered`, `redrawn`, `unproven`, `foreign` or `unsealed`.
    """

    word: str
    sentence: str


def belongs(file: Path, results: Path, verification: Verification) -> Verdict:
    """Return the verdict on a file; `verification` is what `verify` says of the results themselves.

    Raises ValueError where `file` is no plain file.
    """
    if not file.is_file():
        raise ValueError(f"{file}: this is no file. Name a figure or another file.")
    manifest, checksum = read_manifest(results), file_sha256(file)
    made = {(results / name).as_posix(): other for name, other in manifest.outputs.items()}
    twin = next((name for name, other in (made | manifest.inputs).items() if other == checksum), None)
    seal = seal_of(file)
    if seal is not None and (seal.whole is False or (seal.footer and set(seal.footer) != {seal.numbers})):
        sentence = "its content is not what was drawn. Do not use it; take the figure from the results folder."
        return Verdict("altered", sentence)
    if twin is not None and file.stat().st_size:
        return _of_these_results(twin, verification)
    if seal is not None and seal.domain == EVERY_DOMAIN:
        return _by_all_numbers(seal, results)
    return _unsealed(file, results) if seal is None else _by_its_numbers(seal, results)


def _unsealed(file: Path, results: Path) -> Verdict:
    from taprev.provenance.look_alike import look_alike_words, look_alikes

    sentence = "it is no file of these results, and it carries no seal that would say what it is."
    likeness = ""
    if file.suffix.lower() in PICTURES:
        found = look_alikes(file, sorted((results / "figures").rglob("*.png")))
        likeness = look_alike_words(found, results)
    return Verdict("unsealed", " ".join(filter(None, (sentence, likeness))))


def _of_these_results(twin: str, verification: Verification) -> Verdict:
    older = sorted({finding.file for finding in verification.findings if finding.kind in ("input", "code")})
    if older:
        sentence = f"it is {twin}, but since then changed: {', '.join(older)}. Run the review again."
        return Verdict("stale", sentence)
    if not verification.inputs_seen:
        return Verdict("true", f"it is {twin}, byte for byte. {UNSEEN}")
    return Verdict("true", f"it is {twin} as the run left it, byte for byte, and the data are the same since.")


def _by_its_numbers(seal: Seal, results: Path) -> Verdict:
    now = _present_seal(seal.domain, results)
    if now is None:
        return Verdict("foreign", f"it is a figure of {seal.domain!r}, which these results do not have.")
    if seal.numbers != now:
        sentence = f"it was drawn from other numbers (seal {seal.numbers}; those of {seal.domain} now bear {now})."
        return Verdict("stale", sentence)
    if seal.whole is None:
        sentence = (
            "it carries the seal of the present numbers, but was drawn before figures said whether they are whole."
        )
        return Verdict("unproven", f"{sentence} Take the figure from the results folder.")
    sentence = (
        f"it carries the seal of the present numbers of {seal.domain}, but is not the file of these results: it was "
        "drawn by another version, or altered with care. Take the figure from the results folder."
    )
    return Verdict("redrawn", sentence)


def _by_all_numbers(seal: Seal, results: Path) -> Verdict:
    """Return the verdict on a document or a page, whose properties say which numbers it was made from."""
    now = all_numbers(results)
    if seal.numbers != now:
        sentence = f"it was made from the numbers of another run (seal {seal.numbers}; these results bear {now})."
        return Verdict("stale", sentence)
    sentence = (
        f"it says that it was made from the numbers of these results (seal {now}), but is not the file of them: saved "
        "anew by another program, or with other words. Take the document from the results folder."
    )
    return Verdict("unproven", sentence)


def all_numbers(results: Path) -> str:
    """Return the seal of the numbers of all domains as they are in these results."""
    contents = [read_synthesis(path) for path in sorted((results / "synthesis").glob("*.json"))]
    return seal_of_all({one.domain: one.seal for one in contents})


def _present_seal(name: str, results: Path) -> str | None:
    """Return the seal of the present numbers of a domain, or of what a figure of the whole review draws."""
    synthesis, twin = results / "synthesis" / f"{name}.json", results / "figures" / WHOLE_REVIEW / f"{name}.csv"
    if synthesis.is_file():
        return read_synthesis(synthesis).seal
    return file_sha256(twin)[:8] if twin.is_file() else None


def printed(name: Path) -> bool:
    """Return whether a name is a seal as figures and pages print it, and no file."""
    return bool(PRINTED.fullmatch(name.as_posix())) and not name.is_file()


def printed_seal(seal: str, results: Path) -> Verdict:
    """Return the verdict on a seal that somebody read off a page: whose numbers it is of, if any of these results."""
    domains = [path.stem for path in sorted((results / "synthesis").glob("*.json"))]
    figures = [path.stem for path in sorted((results / "figures" / WHOLE_REVIEW).glob("*.csv"))]
    read = PRINTED.sub(r"\1", seal).lower()
    named = [name for name in (*domains, *figures) if _present_seal(name, results) == read]
    if read == all_numbers(results):
        return Verdict("true", "it is the seal of all numbers of these results, which their documents and pages bear.")
    if named:
        return Verdict("true", f"it is the seal of the numbers of {', '.join(named)}, as they are in these results.")
    return Verdict("foreign", "nothing in these results has it; it is of another edition, or of another review.")
