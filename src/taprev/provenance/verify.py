"""Whether results still belong to their data, settings and code: what changed, is missing, or is left over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from taprev.extraction.problems import first_of
from taprev.extraction.sheets.places import BOOKS
from taprev.extraction.snapshot import DECISIONS, read_kept
from taprev.extraction.tables import read_rows
from taprev.ground.environment import Environment, environment
from taprev.ground.fingerprint import file_sha256
from taprev.provenance.banner import BANNER
from taprev.provenance.manifest import NAME, SETTLED, SUMS, Manifest, read_manifest
from taprev.provenance.receipts import FOLDER_MARK
from taprev.settings import SettingsError
from taprev.settings.reading import same_choices
from taprev.sources.folder import FOLDER, files_there, is_source

NO_RESULTS = frozenset({NAME, SUMS, f"{SUMS}.minisig", BANNER, "README.md", "audit/problems.csv"})
READ_IF_THERE = (
    *(f"data/raw/{name}{ending}" for name in ("form_*", *DECISIONS) for ending in (".csv", *BOOKS)),
    *(f"data/extracted/[!~.]*{ending}" for ending in BOOKS),
    "data/raw/as_received/*.csv",
)
UNSEEN = "The review itself does not lie beside these results: only they are compared, not what they were made from."
REFUSED = f"The last run did not end ({BANNER}): what lies here is of an earlier one."
UNFINISHED = "The last run did not end, so nothing says what these results were made from. Run the review again."
STORED_TABLES = Path("audit") / "extracted"
WORDING = ", in its wording only: every choice is the same"


@dataclass(frozen=True)
class Finding:
    """One thing that does not fit; `kind` is `input`, `wording` (of the settings only), `code` or `output`."""

    kind: str
    file: str
    sentence: str


@dataclass(frozen=True)
class Verification:
    """What was compared, what does not fit, and what is only worth knowing."""

    files: int
    findings: tuple[Finding, ...]
    remarks: tuple[str, ...]
    manifest_sha256: str
    inputs_seen: bool = True


def verify(results: Path, source: str, review: Path | None = None) -> Verification:
    """Compare a results folder, and the review around it, with the manifest of the run that made it.

    `source` is the fingerprint of the present code. Inputs are looked for in the folder of the review, by
    default the one that holds `results`; where none of them is there, a remark says so.
    Raises ValueError where there is no manifest.
    """
    manifest = read_manifest(results)
    review = review or results.absolute().parent
    away = [name for name in manifest.inputs if is_source(name) and not (review / name).is_file()]
    seen = any((review / name).is_file() for name in manifest.inputs)
    findings = [
        *(_inputs(manifest, review, results) if seen else []),
        *_code(manifest, source),
        *_outputs(manifest, results),
    ]
    not_here = [f"Sources not here, so not compared: {', '.join(away)}."] if seen and away else []
    remarks = [*(not_here if seen else [UNSEEN]), *([REFUSED] if (results / BANNER).is_file() else [])]
    return Verification(
        files=(len(manifest.inputs) - len(away)) * seen + len(manifest.outputs),
        findings=tuple(findings),
        remarks=(*remarks, *_remarks(manifest.environment, environment())),
        manifest_sha256=file_sha256(results / NAME),
        inputs_seen=seen,
    )


def changed_since(results: Path, source: str) -> str:
    """Return in sentences what changed since the results were made, inputs, code or results; or an empty text."""
    if not (results / NAME).is_file():
        return UNFINISHED
    findings = verify(results, source).findings
    sources = [finding.file for finding in findings if finding.kind in ("input", "code")]
    outputs = [finding.file for finding in findings if finding.kind == "output"]
    sentences = []
    if sources:
        changed = ", ".join(sources)
        sentences.append(
            f"Since these results were made, {changed} changed: what follows is as it was then. Run the review again."
        )
    if outputs:
        more = f" and {len(outputs) - 1} more" if len(outputs) > 1 else ""
        sentences.append(f"{outputs[0]}{more}: not as the run left it. taprev verify says more.")
    return " ".join(sentences)


def _inputs(manifest: Manifest, review: Path, results: Path) -> Iterator[Finding]:
    for name, checksum in manifest.inputs.items():
        path = review / name
        if not path.is_file():
            if not is_source(name):
                yield Finding("input", name, "is missing; the results were made from it.")
        elif file_sha256(path) != checksum:
            what = _what(path, results)
            kind = "wording" if what == WORDING else "input"
            yield Finding(kind, name, f"changed since the results were made{what}.")
    late = [path for name in READ_IF_THERE for path in sorted(review.glob(name))] + files_there(review / FOLDER)
    for name in (path.relative_to(review).as_posix() for path in late):
        if name not in manifest.inputs:
            yield Finding("input", name, "came after the results were made.")


def _what(path: Path, results: Path) -> str:
    """Say what changed in an input: the results of a table, or whether the choices of the settings are the same."""
    if path.suffix == ".yaml" and path.name != "datapackage.yaml":
        return _choices(path, results / SETTLED)
    if path.parent.name != "extracted":
        return ""
    kept = [
        Path(one.copy).name for one in read_kept(results / "audit") if one.copy and one.file == f"extracted/{path.name}"
    ]
    return "".join(_rows_changed(path.with_name(name), results / STORED_TABLES / name) for name in kept or [path.name])


def _rows_changed(path: Path, stored: Path) -> str:
    """Name the rows in which a table is not the copy that was stored of it."""
    try:
        now, then = read_rows(path), read_rows(stored)
    except (OSError, ValueError):
        return ""
    key = next(iter((then or now or [{}])[0]), "")
    before, after = ({row.get(key) or "": row for row in rows} for rows in (then, now))
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return f" ({key} {first_of(names)})" if names else ""


def _choices(path: Path, settled: Path) -> str:
    try:
        return WORDING if same_choices(path, settled) else ""
    except (SettingsError, OSError):
        return ""


def _code(manifest: Manifest, source: str) -> Iterator[Finding]:
    if manifest.source != source:
        sentence = f"the code is not that which made the results (fingerprint {manifest.source}, now {source})."
        yield Finding("code", "taprev", sentence)


def _outputs(manifest: Manifest, results: Path) -> Iterator[Finding]:
    for name, checksum in manifest.outputs.items():
        path, shown = results / name, (results / name).as_posix()
        if not path.is_file():
            yield Finding("output", shown, "is missing; the run had made it. Run again.")
        elif file_sha256(path) != checksum:
            declared = (path.parent / FOLDER_MARK).is_file()
            remove = path.parent.as_posix() if declared else "it"
            yield Finding("output", shown, f"was altered after the run that made it. Remove {remove} and run again.")
    present = (path.relative_to(results) for path in sorted(results.rglob("*")) if path.is_file())
    for name in (path.as_posix() for path in present if not any(part.startswith(".") for part in path.parts)):
        if name not in manifest.outputs and name not in NO_RESULTS:
            yield Finding("left over", (results / name).as_posix(), "is left over; it is no part of these results.")


def _remarks(then: Environment, now: Environment) -> Iterator[str]:
    if then.python != now.python or then.platform != now.platform:
        made, here = (f"Python {side.python} on {side.platform}" for side in (then, now))
        yield f"The results were made with {made}; this is {here}."
    moved = [
        f"{name} {then.packages.get(name, 'absent')}, now {now.packages.get(name, 'absent')}"
        for name in sorted({*then.packages, *now.packages})
        if then.packages.get(name) != now.packages.get(name)
    ]
    if moved:
        yield f"Other versions of libraries: {'; '.join(moved)}."
