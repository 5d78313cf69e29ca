"""The manifest of a run: checksums of what went in, of the code, and of everything that came out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from taprev.extraction.looked_up import SOURCE_FILES, read_source_files
from taprev.extraction.snapshot import read_kept
from taprev.ground.environment import Environment, environment
from taprev.ground.fingerprint import file_sha256
from taprev.settings.reading import same_choices
from taprev.sources.folder import FOLDER

NAME = "manifest.json"
SUMS = "SHA256SUMS"
"""The checksums of the results as `sha256sum -c` reads them, for people without taprev."""
SETTINGS, SETTLED = Path("config/review.yaml"), "settings.yaml"
Checksums = dict[str, str]


@dataclass(frozen=True)
class Manifest:
    """SHA-256 of the inputs by their path in the review, and of the outputs by their path in the results folder.

    `version` and `source` are those of the code: its release, and the fingerprint of its files.
    """

    version: str
    source: str
    environment: Environment
    inputs: Checksums
    outputs: Checksums


def make_manifest(files: Iterable[Path], results: Path, release: str, source: str) -> Manifest:
    """Return the manifest of a run; what lies in `results` is an output, everything else an input.

    A folder stands for every file in it. Paths are those of a review, relative to its folder.
    """
    inputs, outputs = {}, {}
    for file in sorted(single_files(files)):
        if file.is_relative_to(results):
            outputs[file.relative_to(results).as_posix()] = file_sha256(file)
        else:
            inputs[file.as_posix()] = file_sha256(file)
    return Manifest(release, source, environment(), inputs, outputs)


def changed_during_run(inputs: Checksums, results: Path) -> list[str]:
    """Return the inputs whose checksums in a manifest are not those of what the results were made from.

    Data are compared with the copies that the check kept, sources with the checksums of when they were read, and the
    settings with the settled ones.
    """
    checked = {one.file: one.sha256 for one in read_kept(results / "audit")}
    sources = read_source_files(results / "audit" / SOURCE_FILES)
    checked |= {Path(FOLDER).relative_to("data").joinpath(one.file).as_posix(): one.sha256 for one in sources}
    return [name for name, checksum in inputs.items() if not _as_kept(Path(name), checksum, results, checked)]


def _as_kept(file: Path, checksum: str, results: Path, checked: Checksums) -> bool:
    if file == SETTINGS:
        return same_choices(file, results / SETTLED)
    inside = file.relative_to("data") if file.is_relative_to("data") else Path(file.name)
    if inside.as_posix() in checked:
        return checked[inside.as_posix()] == checksum
    copy = results / "audit" / inside
    return copy.is_file() and file_sha256(copy) == checksum


def single_files(files: Iterable[Path]) -> Iterator[Path]:
    """Yield every file, and those in folders; what begins with a dot is no result."""
    for file in files:
        yield from (path for path in file.rglob("[!.]*") if path.is_file()) if file.is_dir() else [file]


def manifest_json(manifest: Manifest) -> str:
    """Return a manifest as JSON."""
    return json.dumps(asdict(manifest), indent=1, ensure_ascii=False) + "\n"


def read_manifest(results: Path) -> Manifest:
    """Return the manifest of a results folder; raises ValueError with a sentence where there is none to read."""
    path = results / NAME
    if not path.is_file():
        raise ValueError(f"{path}: there is no manifest. Run the review (make review, or snakemake); it ends with one.")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        content["environment"] = Environment(**content["environment"])
        if not all(isinstance(content[part], dict) for part in ("inputs", "outputs")):
            raise TypeError
        return Manifest(**content)
    except (ValueError, TypeError, KeyError):
        raise ValueError(f"{path}: this is no manifest of a run. Run the review again.") from None


def checksum_lines(manifest: Manifest) -> str:
    """Return a line for every result, as `sha256sum --check` reads it in the folder of the results."""
    return "".join(f"{checksum}  {name}\n" for name, checksum in sorted(manifest.outputs.items()))
