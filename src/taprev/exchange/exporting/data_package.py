"""The extracted tables as one Frictionless Data Package, with what a repository such as Zenodo asks for."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from taprev.exchange.exporting.exported import Exported, ReviewToExport
from taprev.extraction.tables import LATER, package
from taprev.ground.fingerprint import file_sha256
from taprev.settings.citation import Author, Reference

OF_TAPREV = ("anew", "decide", LATER)
EPOCH = (1980, 1, 1, 0, 0, 0)


def to_data_package(review: ReviewToExport) -> Exported:
    """Return data_package.zip: datapackage.json and the tables that it describes, each with its checksum."""
    described = _without_own(package(review.extracted))
    tables = {table["path"]: (review.extracted / table["path"]) for table in described["resources"]}
    contents = {name: path.read_bytes() for name, path in tables.items() if path.is_file()}
    resources = [
        table | {"bytes": len(contents[table["path"]]), "hash": f"sha256:{file_sha256(tables[table['path']])}"}
        for table in described["resources"]
        if table["path"] in contents
    ]
    cited = review.citation.review
    made = described | _cited(cited) | {"resources": resources}
    text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
    remarks = () if cited.title else ("CITATION.cff does not say who wrote the review, so the package names nobody.",)
    return Exported({"data_package.zip": zipped({"datapackage.json": text.encode(), **contents})}, remarks)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files as an archive whose bytes depend on nothing but them."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = ZipInfo(name, EPOCH)
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()


def _without_own(part: Any) -> Any:
    """Return a part of the codebook without the properties that only taprev reads."""
    if isinstance(part, dict):
        return {name: _without_own(value) for name, value in part.items() if name not in OF_TAPREV}
    return [_without_own(one) for one in part] if isinstance(part, list) else part


def _cited(reference: Reference) -> dict[str, Any]:
    if not reference.title:
        return {}
    told: dict[str, Any] = {"title": reference.title, "contributors": [_contributor(one) for one in reference.authors]}
    if reference.edition:
        told["version"] = reference.edition
    if reference.address:
        told["homepage"] = reference.address
    return told


def _contributor(author: Author) -> dict[str, Any]:
    name = f"{author.given} {author.name}".strip()
    return {"title": name, "roles": ["author"]}
