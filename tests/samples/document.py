"""Documents to write: a brief of two pages, a wide table over several, and one of hostile texts."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from taprev.report.documents.document import (
    Column,
    Document,
    Heading,
    Items,
    Paragraph,
    Picture,
    Table,
    TableCell,
    TableSection,
)
from taprev.report.writers.as_docx import as_docx
from taprev.report.writers.as_html import as_html
from taprev.report.writers.as_pdf import as_pdf
from taprev.report.writers.as_xlsx import as_xlsx

WRITERS = {"html": as_html, "docx": as_docx, "xlsx": as_xlsx, "pdf": as_pdf}
IMPRINT = "Systematic review of training for staff, data of 20 November 2026, seal 4821 0377 · taprev · CC BY 4.0"
HOSTILE = (
    "=1+1",
    "@SUM(A1)",
    "-2+3",
    "+49",
    "<script>alert(1)</script>",
    "\x00\x0b",
    "a\x00b\x1fc",
    "\ud800",
    "\ufffe",
    "long" * 30,
    "Ελληνικά κείμενο",
    "مرحبا بالعالم",
    "שלום (עולם) 12",
    "系统评价 与 荟萃分析",
    "🎉 👩‍🔬",
    "é e\u0301",
    "one\ntwo\n\nfour",
    "\n",
    "{nb}",
    "{{ 1 }}",
    "{% raw %}",
    "&amp; & ]]>",
    "#N/A",
    "TRUE",
    "1e5",
    "007",
    "\u202eback",
    "",
    " ",
    "'quoted'",
    "&P &N",
    "**bold** __x__",
    "soft\u00adhyphen",
    "no\u00a0break",
    "12345678901234567890",
)


def picture(width: int = 640, height: int = 240) -> bytes:
    """A drawing in the colours of the pages."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    for number, share in enumerate((0.35, 0.6, 0.5, 0.8)):
        top = 20 + number * (height - 20) // 4
        draw.rectangle((20, top, 20 + share * (width - 40), top + height // 8), fill="#0b5b7a")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def row(*texts: str) -> tuple[TableCell, ...]:
    return tuple(TableCell(text) for text in texts)


def findings(rows: int = 4) -> Document:
    """A summary of findings: seven columns on paper that lies on its side."""
    columns = (
        Column("Outcome\u00a0", 18),
        Column("Participants (studies)", 11, numbers=True),
        Column("Relative effect (95\u00a0%\u00a0CI)", 13, numbers=True),
        Column("Expected without", 12, numbers=True),
        Column("Expected with (95\u00a0%\u00a0CI)", 16, numbers=True),
        Column("Certainty", 12),
        Column("What it means", 28),
    )
    sections = []
    for name in ("Randomised trials", "Before and after, no control group"):
        made = []
        for number in range(rows):
            made.append(
                row(
                    f"Seclusion and restraint, episodes in {number + 1} months of follow-up",
                    f"1,{340 + number}\n({number + 2})",
                    "0.71 [0.52, 0.96]",
                    "32 of 1,000",
                    "23 of 1,000\n[17 to 31]",
                    "⊕⊕◯◯ low",
                    "Training may lower the number of episodes. Downgraded twice: risk of bias, because no study "
                    "hid who was trained; imprecision, because the interval reaches from half to none.",
                )
            )
        sections.append(TableSection(name, tuple(made)))
    table = Table(
        "Summary of findings",
        "Summary of findings: training of staff compared with none, in adult wards",
        columns,
        tuple(sections),
    )
    note = Paragraph("⊕⊕⊕⊕ high, ⊕⊕⊕◯ moderate, ⊕⊕◯◯ low, ⊕◯◯◯ very low certainty (GRADE).", "note")
    lead = Paragraph("Certainty is low for every outcome: new studies are likely to change these numbers.", "lead")
    return Document(
        "Summary of findings",
        "Training of staff compared with no training · adult inpatient care",
        (lead, table, note),
        IMPRINT,
        landscape=True,
    )


def brief() -> Document:
    """A brief that stands upright: lead, headings, lists, a table of numbers and a picture."""
    text = (
        "Six samples were pooled. The staff knew more after the training than before, by four fifths of a standard "
        "deviation, and the interval excludes none. Without a control group this is a change and not an effect of "
        "the programme. What happened to the people in their care was measured in two studies only."
    )
    numbers = Table(
        "Studies",
        "Studies, and what they measured",
        (
            Column("Study", 40),
            Column("People", 15, numbers=True),
            Column("Change", 15, numbers=True),
            Column("Source", 30),
        ),
        (
            TableSection(
                "Before and after",
                (
                    (
                        TableCell("Alder 2019"),
                        TableCell("32"),
                        TableCell("0.85"),
                        TableCell("Full report", "https://example.org/alder"),
                    ),
                    (TableCell("Birch 2021"), TableCell("120"), TableCell("-0.10"), TableCell("Abstract only")),
                ),
            ),
            TableSection(
                "",
                (
                    (
                        TableCell("Cedar 2022"),
                        TableCell("not said"),
                        TableCell("1.20"),
                        TableCell("Thesis", "javascript:alert(1)"),
                    ),
                ),
            ),
        ),
    )
    parts = []
    for name in ("What was found", "How sure this is", "What follows"):
        parts += [Heading(name), Paragraph(text), Heading(f"{name}, in particular", 3), Paragraph(text)]
        parts.append(
            Items(
                (
                    "Knowledge rose in all six samples.",
                    "Attitudes were measured with eleven different questionnaires, of which none was used in more than "
                    "two studies; they were not pooled.",
                    "No study looked for harms.",
                )
            )
        )
    return Document(
        "Training of staff: what the evidence says",
        "A brief for commissioners, two pages",
        (
            Paragraph(
                "Training raises what staff know. Whether people in their care fare better is not known.",
                "lead",
            ),
            *parts[:5],
            numbers,
            Paragraph("Change in standard deviations; positive numbers mean more knowledge.", "note"),
            Picture(picture(), "Bars: change in knowledge in four studies, from 0.35 to 0.80", 0.6),
            *parts[5:],
        ),
        IMPRINT,
    )


def hostile() -> Document:
    """Texts that break careless writers, everywhere that text can stand."""
    wide = (Column("=1+1", 1), Column("<b>", 2, numbers=True), Column("<B>", 0.01))
    rows = tuple((TableCell(text), TableCell(text), TableCell(text, "javascript:alert(1)")) for text in HOSTILE)
    sections = (TableSection("=1+1", rows), TableSection("", ()), TableSection("مرحبا", rows[:2]))
    blocks = [Heading("=1+1 <script>"), Heading("系统 \x00", 3), Items(HOSTILE), Items(())]
    blocks += [Paragraph(text, kind) for text in HOSTILE for kind in ("body", "lead", "note")]
    blocks += [
        Table("History", "<i>caption</i> {nb}", wide, sections),
        Table("[a]:*?/\\" + "n" * 40, "", (Column("x", 1), Column("", 1)), ()),
        Table("about", "no rows", (Column("x", 1),), (TableSection("empty", ()),)),
        Table("about", "no rows", (Column("x", 1),), (TableSection("empty", ()),)),
        Picture(picture(40, 900), '"quoted" <alt> \x0b', 1.0),
    ]
    return Document("<title> & =1+1", "\x0bسلام", tuple(blocks), "imprint & <b> " + "long " * 60)


def nothing() -> Document:
    """A document of a review that found nothing."""
    empty = Table("Studies", "No study was found", (Column("Study", 1), Column("k", 1, numbers=True)), ())
    return Document("Nothing found", "", (empty,), "")


def samples() -> dict[str, Document]:
    """Every sample by its name."""
    return {
        "findings": findings(),
        "many_findings": findings(14),
        "brief": brief(),
        "hostile": hostile(),
        "nothing": nothing(),
    }
