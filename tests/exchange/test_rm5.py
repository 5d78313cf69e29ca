"""RevMan 5: its rows, notes, judgements and pooled numbers, and files that are not what they should be."""

from __future__ import annotations

import pytest

from samples.foreign import events, item, judgement, means, outcome, rm5, rm5_of, row, subgroup
from taprev.exchange.answers import Answers, answered
from taprev.exchange.formats import format_of
from taprev.exchange.telling import agrees, differing, told

BOTH = Answers(better={"*": "lower"}, contrast={"*": "randomised"})


def read(folder, text, encoding="utf-8"):
    path = folder / "review.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return answered(format_of(path).read(path, BOTH), BOTH)


@pytest.mark.parametrize("measure", ["OR", "RR"])
@pytest.mark.parametrize(("weighting", "random"), [("MH", False), ("MH", True), ("IV", False), ("IV", True)])
def test_stored_numbers_are_recomputed_to_their_last_digit(tmp_path, measure, weighting, random):
    imported = read(tmp_path, rm5_of("nielweise2007", measure, weighting, random))
    [pool] = imported.pooled
    compared = [figure for figure in pool.figures if figure.difference is not None]
    assert len(compared) == 8 + random and all(agrees(figure) for figure in compared)


def test_effects_and_weights_of_rows_are_recomputed_too(tmp_path):
    rows = [
        row("CONT", "STD-1", {**means(3, 1, 20, 4, 1.5, 21), "EFFECT_SIZE": "-1.0", "WEIGHT": "50.0"}),
        row("CONT", "STD-2", {**means(3, 1, 20, 4, 1.5, 21), "EFFECT_SIZE": "-1.1", "WEIGHT": "50.0"}),
    ]
    text = rm5([outcome("CONT", "001.01", "Pain", {"EFFECT_MEASURE": "MD", "METHOD": "IV"}, *rows)])
    of_rows = next(pool for pool in read(tmp_path, text).pooled if pool.of_rows)
    assert [agrees(figure) for figure in of_rows.figures] == [True, True, False, True]


def test_a_number_that_the_method_does_not_give_is_said(tmp_path):
    text = rm5_of()
    wrong = text.replace('RANDOM="NO"', 'RANDOM="YES"')
    assert differing(read(tmp_path, text)) == []
    [pool] = differing(read(tmp_path, wrong))
    assert pool.name == "1.1 Infection"
    lines = "\n".join(told(read(tmp_path, wrong)))
    assert "DIFFERS" in lines and "random effects" in lines


def test_events_keep_their_counts_footnotes_and_place(tmp_path):
    text = rm5(
        [
            outcome(
                "DICH",
                "001.02",
                "Death",
                {"EFFECT_MEASURE": "RR", "METHOD": "MH"},
                row("DICH", "STD-1", events(3, 20, 6, 21), "Read from the figure."),
                row("DICH", "STD-2", events(0, 0, 0, 0)),
            )
        ]
    )
    imported = read(tmp_path, text)
    [one] = imported.rows("outcomes")
    wanted = {
        **{"statistic": "events", "ratio_kind": "risk", "event_arm1": "3", "totaln_arm1": "20", "event_arm2": "6"},
        **{"totaln_arm2": "21", "n_arm1": "20", "direction": "better", "domain": "death", "sample": "all"},
        **{"as_reported": "3/20 v 6/21", "location": "review.xml, analysis 1.2"},
    }
    assert wanted.items() <= one.items() and one["note"] == "Footnote: Read from the figure."
    [kept] = imported.kept
    assert kept.rows == (("1.2 Death", "", "Birch 2002", "0/0 v 0/0", ""),)
    assert imported.title == "A title" and imported.arms == ("Aspirin", "Placebo")


def test_events_are_turned_where_the_file_analyses_people_without_them(tmp_path):
    stored = {"EFFECT_MEASURE": "OR", "METHOD": "MH", "SWAP_EVENTS": "YES"}
    text = rm5([outcome("DICH", "001.01", "Death", stored, row("DICH", "STD-1", events(3, 20, 6, 21)))])
    [one] = read(tmp_path, text).rows("outcomes")
    assert (one["event_arm1"], one["event_arm2"]) == ("17", "15")


def test_means_without_a_standard_deviation_have_a_direction_alone(tmp_path):
    rows = [row("CONT", "STD-1", means(3, 1, 20, 4, 1.5, 21)), row("CONT", "STD-2", means(5, 0, 20, 4, 0, 21))]
    text = rm5([outcome("CONT", "001.01", "Pain", {"EFFECT_MEASURE": "MD", "METHOD": "IV", "UNITS": "points"}, *rows)])
    imported = read(tmp_path, text)
    first, second = imported.rows("outcomes")
    assert (first["statistic"], first["mean_arm1"], first["sd_arm2"], first["direction"]) == (
        "means",
        "3",
        "1.5",
        "better",
    )
    assert (second["statistic"], second["direction"], second.get("mean_arm1")) == ("direction", "worse", None)
    assert (imported.domains[0].scale, imported.domains[0].unit) == ("md", "points")


def test_estimates_and_observed_minus_expected_become_effects_and_texts_are_kept(tmp_path):
    text = rm5(
        [
            outcome(
                "IV",
                "001.01",
                "Time",
                {},
                "<EFFECT_MEASURE>Hazard Ratio</EFFECT_MEASURE>",
                row("IV", "STD-1", {"ESTIMATE": "-0.2", "SE": "0.1", "EFFECT_SIZE": "0.8187"}),
            ),
            outcome("IPD", "001.02", "Survival", {"METHOD": "PETO"}, row("IPD", "STD-1", {"O_E": "-3", "VAR": "6"})),
            outcome("OTHER", "001.03", "Words", {}, row("OTHER", "STD-1", {}, "") + element_of_text("No difference.")),
        ]
    )
    imported = read(tmp_path, text)
    hazard, observed = imported.rows("outcomes")
    assert (hazard["yi"], hazard["se"], hazard["effect_measure"], hazard["ratio_kind"]) == (
        "-0.2",
        "0.1",
        "log_ratio",
        "hazard",
    )
    assert (float(observed["yi"]), float(observed["vi"]), observed["direction"]) == (-0.5, 1 / 6, "better")
    assert [table.rows[0][0] for table in imported.kept] == ["1.3 Words"]


def element_of_text(text):
    return f'<OTHER_DATA STUDY_ID="STD-2"><TEXT>{text}</TEXT></OTHER_DATA>'


def two_subgroups(totals):
    inside = [
        subgroup(
            "DICH", name, row("DICH", "STD-1", events(a, 20, 6, 21)), row("DICH", "STD-2", events(a + 1, 30, 8, 31))
        )
        for name, a in (("Men", 3), ("Women", 4))
    ]
    return rm5(
        [outcome("DICH", "001.01", "Death", {"EFFECT_MEASURE": "OR", "METHOD": "MH", "TOTALS": totals}, *inside)]
    )


def test_subgroups_that_are_pooled_together_are_samples_of_one_domain(tmp_path):
    imported = read(tmp_path, two_subgroups("YES"))
    rows = imported.rows("outcomes")
    assert {row["domain"] for row in rows} == {"death"} and imported.columns_added == ("subgroup",)
    assert sorted((row["study"], row["sample"], row["subgroup"]) for row in rows) == [
        ("ash_2001", "men", "Men"),
        ("ash_2001", "women", "Women"),
        ("birch_2002", "men", "Men"),
        ("birch_2002", "women", "Women"),
    ]
    assert [pool.name for pool in imported.pooled] == ["1.1 Death", "1.1 Death: Men", "1.1 Death: Women"]


def test_subgroups_that_are_never_pooled_together_are_domains_of_their_own(tmp_path):
    imported = read(tmp_path, two_subgroups("SUB"))
    assert [domain.name for domain in imported.domains] == ["death_men", "death_women"]
    assert {row["sample"] for row in imported.rows("outcomes")} == {"all"}


def test_judgements_keep_their_support_and_what_nobody_judged_is_no_judgement(tmp_path):
    entries = judgement("STD-1", "YES", 'Quote: "a table of random numbers"'), judgement("STD-2", "UNKNOWN")
    items = [
        item("Random sequence generation (selection bias)", *entries),
        item("Other bias", judgement("STD-2", "NO", "x")),
    ]
    text = rm5([outcome("DICH", "001.01", "Death", {"EFFECT_MEASURE": "OR"}, *_rows())], items)
    imported = read(tmp_path, text)
    assert [(one["result"], one["tool"], one["domain"], one["judgement"]) for one in imported.rows("risk_of_bias")] == [
        ("a001_01_ash_2001", "RoB 1", "Random sequence generation", "low"),
        ("a001_01_birch_2002", "RoB 1", "Other sources of bias", "high"),
    ]
    assert imported.rows("risk_of_bias")[0]["reason"] == 'Quote: "a table of random numbers"'
    assert any("1 items were opened and not judged" in remark for remark in imported.remarks)


def test_items_of_no_known_tool_are_declared(tmp_path):
    items = [item("Adequate sequence generation?", judgement("STD-1", "YES", "x"))]
    imported = read(tmp_path, rm5([outcome("DICH", "001.01", "Death", {"EFFECT_MEASURE": "OR"}, *_rows())], items))
    assert imported.tool is not None and imported.tool["domains"] == ["Adequate sequence generation"]


def _rows():
    return [row("DICH", f"STD-{n}", events(3, 20, 6, 21)) for n in (1, 2)]


NAMED = rm5([outcome("DICH", "001.01", "Schmerz für Müller", {"EFFECT_MEASURE": "OR"}, *_rows())])


@pytest.mark.parametrize(
    ("content", "remark"),
    [
        (NAMED.replace("UTF-8", "ISO-8859-1", 1).encode("latin-1"), None),
        (NAMED.replace("UTF-8", "ISO-8859-1", 1).encode("utf-8"), "declares the encoding ISO-8859-1; it is UTF-8"),
        (NAMED.encode("cp1252"), "which it does not have"),
        (NAMED.encode("utf-8-sig"), None),
        (NAMED.replace("UTF-8", "UTF-16", 1).encode("utf-16"), None),
        (NAMED.replace("A title", "Salt & pepper").encode(), "1 ampersands are not escaped"),
        (NAMED.replace("A title", "Salt&nbsp;and pepper").encode(), "1 names of HTML characters"),
        (NAMED.replace("A title", "A\x0btitle").encode(), "1 control characters"),
        (NAMED.replace("<COVER_SHEET>", "<COVER_SHEET><P>").encode(), "The file as a whole is broken"),
    ],
)
def test_what_is_mended_is_said(tmp_path, content, remark):
    imported = read(tmp_path, content)
    assert len(imported.rows("outcomes")) == 2 and imported.domains[0].label == "Schmerz für Müller"
    assert (remark is None and not imported.remarks) or any(remark in one for one in imported.remarks)


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (NAMED.replace("<COCHRANE", f"{LAUGHS}<COCHRANE", 1).replace("A title", "&b;"), "never read"),
        (NAMED.replace("<COCHRANE", f"{OUTSIDE}<COCHRANE", 1).replace("A title", "&a;"), "never read"),
        (NAMED[: NAMED.index("</ANALYSES")], "breaks at line"),
        (NAMED[: len(NAMED) // 2], "breaks at line"),
        (NAMED.replace("<DICH_DATA", "<DICH_DATA <", 1), "breaks at line"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_in_one_sentence(tmp_path, content, sentence):
    with pytest.raises(ValueError, match=sentence):
        read(tmp_path, content)


def test_every_reference_of_a_study_is_a_report(tmp_path):
    reference = (
        '<REFERENCE PRIMARY="{}" TYPE="JOURNAL_ARTICLE"><AU>{}</AU><TI>Trial</TI><SO>J</SO><YR>2001</YR>'
        '<IDENTIFIERS><IDENTIFIER TYPE="DOI" VALUE="doi:10.1000/{}"/></IDENTIFIERS></REFERENCE>'
    )
    both = reference.format("NO", "Birch B", "b") + reference.format("YES", "Ash A", "a")
    text = rm5([outcome("DICH", "001.01", "Death", {"EFFECT_MEASURE": "OR"}, *_rows())])
    imported = read(tmp_path, text.replace('YEAR="2001">', f'YEAR="2001">{both}', 1))
    first, second, other = imported.rows("reports")
    assert (first["citation"], first["doi"]) == ("Ash A. Trial. J 2001", "10.1000/a")
    assert (second["report"], second["study"], second["doi"]) == ("ash_2001_report_2", "ash_2001", "10.1000/b")
    assert other["study"] == "birch_2002" and imported.rows("outcomes")[0]["report"] == first["report"]
    assert imported.rows("studies")[0]["publication_status"] == "journal"


def test_parts_that_are_not_read_are_named(tmp_path):
    text = rm5([outcome("DICH", "001.01", "Death", {"EFFECT_MEASURE": "OR"}, *_rows())])
    more = "<MAIN_TEXT><P>Words.</P></MAIN_TEXT><ADDITIONAL_TABLES/></COCHRANE_REVIEW>"
    assert read(tmp_path, text).remarks == ()
    [remark] = read(tmp_path, text.replace("</COCHRANE_REVIEW>", more)).remarks
    assert remark.endswith("were not read: the text.")


def test_two_studies_whose_names_come_to_the_same_have_two_identifiers(tmp_path):
    text = rm5(
        [outcome("DICH", "001.01", "Death", {"EFFECT_MEASURE": "OR"}, *_rows())], studies=["Müller 2001", "Muller 2001"]
    )
    assert [row["study"] for row in read(tmp_path, text).rows("outcomes")] == ["muller_2001", "muller_2001_2"]
