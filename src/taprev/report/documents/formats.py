"""The names of the documents and the formats in which each is taken away."""

from __future__ import annotations

TABLES, PAGES = ("html", "docx", "xlsx"), ("html", "docx", "pdf")
FORMATS = {
    "policy_brief": PAGES,
    "summary_of_findings": TABLES,
    "evidence_profile": TABLES,
    "characteristics": TABLES,
    "exclusions": TABLES,
    "reporting": TABLES,
}
TITLES = {
    "policy_brief": "Policy brief, two pages",
    "summary_of_findings": "Summary of findings",
    "evidence_profile": "Evidence profile for a judgement of certainty",
    "characteristics": "Characteristics of the studies",
    "exclusions": "What was left out, and why",
    "reporting": "Reporting checklists (SWiM, GRIPP2)",
}
