"""The rows of the CSV file that the R package PRISMA2020 reads, in its order, and which box each of them counts.

Haddaway NR, Page MJ, Pritchard CC, McGuinness LA. PRISMA2020: an R package and Shiny app for producing PRISMA 2020
compliant flow diagrams. Campbell Systematic Reviews 2022;18:e1230. The package finds a count by its key, the name of
a heading by its box, and a link and a tooltip by either.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from taprev.vocabulary import FlowBox

COLUMNS = ("data", "node", "box", "description", "boxtext", "tooltips", "url", "n")
MISSING = "NA"


class Cell(Enum):
    """What the column n of a row holds: nothing, a count, the parts of a count, or either."""

    HEADING = "heading"
    NUMBER = "number"
    PARTS = "parts"
    REASONS = "reasons"


@dataclass(frozen=True)
class TemplateRow:
    """A row of the file: its key (empty for a heading), where it is drawn, its words, and the box that it counts.

    `beside` is put behind the words where the file describes the row more fully than it prints it.
    """

    key: str
    node: str
    box: str
    text: str
    counts: FlowBox | None = None
    cell: Cell = Cell.NUMBER
    beside: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells of the row without its count; a row without a node has no tooltip."""
        described = f"{self.text}{self.beside}"
        tooltip = described if self.node != MISSING else MISSING
        return (self.key or MISSING, self.node, self.box, described, self.text, tooltip, f"{self.key or self.box}.html")


def _heading(key: str, node: str, box: str, text: str) -> TemplateRow:
    return TemplateRow(key, node, box, text, None, Cell.HEADING)


DATABASES, OTHER = " (databases and registers)", " (other)"
ROWS = (
    _heading("", "node4", "prevstud", "Previous studies"),
    TemplateRow(
        "previous_studies",
        "node5",
        "box1",
        "Studies included in previous version of review",
        FlowBox.PREVIOUS_STUDIES,
    ),
    TemplateRow(
        "previous_reports",
        MISSING,
        "box1",
        "Reports of studies included in previous version of review",
        FlowBox.PREVIOUS_REPORTS,
    ),
    _heading("", "node6", "newstud", "Identification of new studies via databases and registers"),
    TemplateRow("database_results", "node7", "box2", "Databases", FlowBox.DATABASE_RESULTS),
    TemplateRow(
        "database_specific_results", MISSING, "box2", "Specific Databases", FlowBox.DATABASE_RESULTS, Cell.PARTS
    ),
    TemplateRow("register_results", MISSING, "box2", "Registers", FlowBox.REGISTER_RESULTS),
    TemplateRow(
        "register_specific_results", MISSING, "box2", "Specific Registers", FlowBox.REGISTER_RESULTS, Cell.PARTS
    ),
    _heading("", "node16", "othstud", "Identification of new studies via other methods"),
    TemplateRow("website_results", "node17", "box11", "Websites", FlowBox.WEBSITE_RESULTS),
    TemplateRow("organisation_results", MISSING, "box11", "Organisations", FlowBox.ORGANISATION_RESULTS),
    TemplateRow("citations_results", MISSING, "box11", "Citation searching", FlowBox.CITATION_RESULTS),
    TemplateRow("duplicates", "node8", "box3", "Duplicate records", FlowBox.DUPLICATES),
    TemplateRow(
        "excluded_automatic",
        MISSING,
        "box3",
        "Records marked as ineligible by automation tools",
        FlowBox.EXCLUDED_AUTOMATIC,
    ),
    TemplateRow("excluded_other", MISSING, "box3", "Records removed for other reasons", FlowBox.EXCLUDED_OTHER),
    TemplateRow("records_screened", "node9", "box4", "Records screened", FlowBox.RECORDS_SCREENED, beside=DATABASES),
    TemplateRow("records_excluded", "node10", "box5", "Records excluded", FlowBox.RECORDS_EXCLUDED, beside=DATABASES),
    TemplateRow(
        "dbr_sought_reports",
        "node11",
        "box6",
        "Reports sought for retrieval",
        FlowBox.REPORTS_SOUGHT,
        beside=DATABASES,
    ),
    TemplateRow(
        "dbr_notretrieved_reports",
        "node12",
        "box7",
        "Reports not retrieved",
        FlowBox.REPORTS_NOT_RETRIEVED,
        beside=DATABASES,
    ),
    TemplateRow(
        "other_sought_reports", "node18", "box12", "Reports sought for retrieval", FlowBox.OTHER_SOUGHT, beside=OTHER
    ),
    TemplateRow(
        "other_notretrieved_reports",
        "node19",
        "box13",
        "Reports not retrieved",
        FlowBox.OTHER_NOT_RETRIEVED,
        beside=OTHER,
    ),
    TemplateRow(
        "dbr_assessed",
        "node13",
        "box8",
        "Reports assessed for eligibility",
        FlowBox.REPORTS_ASSESSED,
        beside=DATABASES,
    ),
    TemplateRow(
        "dbr_excluded", "node14", "box9", "Reports excluded", FlowBox.REPORTS_EXCLUDED, Cell.REASONS, DATABASES
    ),
    TemplateRow(
        "other_assessed", "node20", "box14", "Reports assessed for eligibility", FlowBox.OTHER_ASSESSED, beside=OTHER
    ),
    TemplateRow("other_excluded", "node21", "box15", "Reports excluded", FlowBox.OTHER_EXCLUDED, Cell.REASONS, OTHER),
    TemplateRow("new_studies", "node15", "box10", "New studies included in review", FlowBox.NEW_STUDIES),
    TemplateRow("new_reports", MISSING, "box10", "Reports of new included studies", FlowBox.NEW_REPORTS),
    TemplateRow("total_studies", "node22", "box16", "Total studies included in review", FlowBox.TOTAL_STUDIES),
    TemplateRow("total_reports", MISSING, "box16", "Reports of total included studies", FlowBox.TOTAL_REPORTS),
    _heading("identification", "node1", "identification", "Identification"),
    _heading("screening", "node2", "screening", "Screening"),
    _heading("included", "node3", "included", "Included"),
    TemplateRow(
        "total_studies_ma",
        "node23",
        "box17",
        "Total studies included in meta-analysis",
        FlowBox.STUDIES_IN_META_ANALYSIS,
    ),
    TemplateRow(
        "total_reports_ma",
        MISSING,
        "box17",
        "Reports of total included studies in meta-analysis",
        FlowBox.REPORTS_IN_META_ANALYSIS,
    ),
)
HELD = frozenset(row.counts for row in ROWS if row.counts)
"""The boxes that the file has a place for."""

HELD_PARTS = frozenset(row.counts for row in ROWS if row.counts and row.cell in (Cell.PARTS, Cell.REASONS))
"""The boxes whose parts the file has a place for."""
