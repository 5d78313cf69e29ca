"""The formats that a review can be exported to."""

from __future__ import annotations

from collections.abc import Callable

from taprev.exchange.exporting.data_package import to_data_package
from taprev.exchange.exporting.exported import Exported, ReviewToExport
from taprev.exchange.exporting.flow import to_prisma
from taprev.exchange.exporting.metafor import to_metafor
from taprev.exchange.exporting.metapsy import to_metapsy
from taprev.exchange.exporting.references import to_ris
from taprev.exchange.exporting.research_object import to_research_object
from taprev.exchange.exporting.revman import to_revman
from taprev.exchange.exporting.robvis import to_robvis
from taprev.vocabulary import ExportFormat

EXPORTERS: dict[ExportFormat, Callable[[ReviewToExport], Exported]] = {
    ExportFormat.METAFOR: to_metafor,
    ExportFormat.METAPSY: to_metapsy,
    ExportFormat.REVMAN: to_revman,
    ExportFormat.ROBVIS: to_robvis,
    ExportFormat.PRISMA: to_prisma,
    ExportFormat.RIS: to_ris,
    ExportFormat.DATA_PACKAGE: to_data_package,
    ExportFormat.RESEARCH_OBJECT: to_research_object,
}
