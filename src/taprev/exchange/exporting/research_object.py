"""A whole run as an RO-Crate: workflow, settings, data and results, as Zenodo, OSF and WorkflowHub take them."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from rocrate.model.person import Person
from rocrate.rocrate import ROCrate

from taprev.exchange.exporting.data_package import zipped
from taprev.exchange.exporting.exported import Exported, ReviewToExport
from taprev.exchange.names import plain
from taprev.ground.fingerprint import file_sha256
from taprev.ground.shipped import SNAKEFILE
from taprev.provenance.manifest import NAME as MANIFEST
from taprev.provenance.manifest import read_manifest
from taprev.sources.folder import is_source

PROFILE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
BESIDE = (
    "README.md",
    "CITATION.cff",
    "Makefile",
    "environment.yml",
    "requirements-pip.lock",
    "requirements.lock",
    "LICENSE",
)
SOURCES_STAY = (
    "The reports in data/raw/sources are not passed on. results/audit/places shows small pieces of them: see that you "
    "may."
)
METADATA = "ro-crate-metadata.json"


def to_research_object(review: ReviewToExport) -> Exported:
    """Return research_object.zip: every input and output of the manifest with its checksum, and how it was run.

    Sources are not passed on.

    Raises ValueError where the review was not run to its end, or where a file is no longer as the manifest has it.
    """
    manifest = read_manifest(review.results)
    outputs = {f"results/{name}": review.results / name for name in (*manifest.outputs, MANIFEST)}
    passed_on = {name: checksum for name, checksum in manifest.inputs.items() if not is_source(name)}
    inputs = {name: review.folder / name for name in passed_on}
    beside = {name: review.folder / name for name in (SNAKEFILE, *BESIDE) if (review.folder / name).is_file()}
    every = {**beside, **inputs, **outputs}
    wanted = {**passed_on, **{f"results/{name}": sha for name, sha in manifest.outputs.items()}}
    if wrong := [name for name, sha in wanted.items() if not every[name].is_file() or file_sha256(every[name]) != sha]:
        raise ValueError(f"{', '.join(wrong[:5])}: changed since the run. Run make review, then export.")
    crate = _described(review, every, [*inputs], [*outputs], wanted)
    with tempfile.TemporaryDirectory(prefix="taprev.") as folder:
        crate.metadata.write(Path(folder))
        text = (Path(folder) / METADATA).read_bytes()
    files = {METADATA: text, **{name: path.read_bytes() for name, path in every.items()}}
    cited = review.citation.review.title
    remarks = [] if cited else ["CITATION.cff does not say who wrote the review, so the crate names nobody."]
    if len(passed_on) < len(manifest.inputs):
        remarks.append(SOURCES_STAY)
    return Exported({"research_object.zip": zipped(files)}, tuple(remarks))


def _described(
    review: ReviewToExport, every: dict[str, Path], inputs: list[str], outputs: list[str], sums: dict[str, str]
) -> ROCrate:
    crate, cited = ROCrate(), review.citation.review
    crate.name = cited.title or review.settings.review.title
    crate.description = f"{review.settings.review.question} {review.settings.review.evidence_set}"
    crate.datePublished = cited.year or date.today().isoformat()
    if cited.authors:
        crate.creator = [crate.add(_person(crate, one.given, one.name)) for one in cited.authors]
    if cited.address:
        crate.root_dataset["identifier"] = cited.address
    for name, path in every.items():
        checksum = {"sha256": sums[name]} if name in sums else {}
        crate.add_file(path, name, properties={"contentSize": str(path.stat().st_size), **checksum})
    if SNAKEFILE in every:
        workflow = crate.add_workflow(every[SNAKEFILE], SNAKEFILE, main=True, lang="snakemake", gen_cwl=False)
        crate.root_dataset["conformsTo"] = [{"@id": PROFILE}]
        action: dict[str, Any] = {
            "name": "The run that made the results",
            "instrument": {"@id": workflow.id},
            "object": [{"@id": name} for name in inputs],
            "result": [{"@id": name} for name in outputs],
        }
        crate.add_action(workflow, identifier="#run", properties=action)
    return crate


def _person(crate: ROCrate, given: str, name: str) -> Person:
    whole = f"{given} {name}".strip()
    return Person(crate, f"#{plain(whole, 'author')}", properties={"name": whole})
