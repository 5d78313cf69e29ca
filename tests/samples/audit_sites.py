"""Audit sites for the tests and benchmarks: of a review on disk, and of made-up reviews of any size."""

from __future__ import annotations

import random
from pathlib import Path

from taprev.effects.fates import effect_rows
from taprev.effects.variants import variants
from taprev.extraction.tables import read_rows
from taprev.ground.files import csv_text
from taprev.provenance.diff.results import SinceEarlier
from taprev.provenance.query_order import by_consequence, moved_by
from taprev.provenance.trace.domain import trace_domain
from taprev.provenance.trace.extraction import read_extraction
from taprev.report.audit.site import AuditedReview, write_site
from taprev.settings import Settings
from taprev.synthesis.domain import synthesise
from taprev.synthesis.results import from_json, to_json

NOTHING = SinceEarlier(earlier="", said="No earlier edition is named in the settings.", difference=None)


def site_of(data: Path, settings: Settings, index: Path, panels: bool = True) -> AuditedReview:
    """Write the audit site of the review under `data`, and return what it was made of."""
    extraction = read_extraction(data, settings)
    studies = {name: study for name, (_, study) in extraction.studies.items()}
    contents, traces = [], {}
    for name in settings.domains:
        own = extraction.of_domain(name)
        rows = effect_rows(name, own, studies, settings, extraction.bias)
        every = variants(name, own, studies, settings, extraction.bias, rows) if panels else None
        content = from_json(to_json(synthesise(name, rows, settings, {}, every)))
        contents.append(content)
        traces[name] = trace_domain(content, rows, extraction, settings)
    queries = [query for own in extraction.queries.values() for query in own]
    moved = {key: one for content in contents for key, one in moved_by(traces[content.domain], content).items()}
    review = AuditedReview(
        settings=settings,
        contents=tuple(contents),
        traces=traces,
        studies=list(studies.values()),
        queries=by_consequence(queries, moved),
        crosscheck=[],
        rulings=list(extraction.rulings),
        changes=NOTHING,
    )
    write_site(review, index)
    return review


def grown(example: Path, count: int, seed: int = 1) -> None:
    """Replace the rows of the example review by made-up ones, each a study of its own."""
    extracted, draw = example / "data" / "extracted", random.Random(seed)
    first = {name: read_rows(extracted / f"{name}.csv")[0] for name in ("studies", "reports", "outcomes")}
    outcomes, studies, reports = [], [], []
    for i in range(count):
        name = f"s{i:05d}"
        row = first["outcomes"] | {"result": f"r{i:05d}", "study": name, "report": name}
        row |= {"mean_arm1": f"{draw.uniform(20, 60):.1f}", "mean_arm2": f"{draw.uniform(20, 60):.1f}"}
        arms = [f"{row[f'mean_{arm}']} (SD {row[f'sd_{arm}']}), n = {row[f'n_{arm}']}" for arm in ("arm1", "arm2")]
        row |= {"as_reported": f"{arms[0]}; {arms[1]} (as made up)"}
        outcomes.append(row)
        studies.append(first["studies"] | {"study": name, "label": f"Made up {i}"})
        reports.append(first["reports"] | {"report": name, "study": name})
    for table, rows in (("outcomes", outcomes), ("studies", studies), ("reports", reports)):
        text = csv_text(rows[0], (row.values() for row in rows), guarded=False)
        (extracted / f"{table}.csv").write_text(text, encoding="utf-8")
