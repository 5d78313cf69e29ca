"""The data package of RevMan Web: its tables, pooled numbers and judgements, and archives not to be trusted."""

from __future__ import annotations

import math

import pytest

from samples.foreign import CELLS, package, published, zipped
from taprev.exchange import archive
from taprev.exchange.answers import Answers, answered
from taprev.exchange.formats import format_of
from taprev.exchange.telling import agrees

BOTH = Answers(better={"*": "lower"}, contrast={"*": "randomised"})
BIAS = (
    "Study,Domain (judgement): Random sequence generation,Domain (support): Random sequence generation\n"
    'Study 1,Low risk,"Quote: ""by computer"""\n'
    "Study 2,Not applicable,\n"
)
INFORMATION = (
    "Study,Year,Data source,Char: Methods,Char: Notes\nStudy 1,2001,PUB,Parallel groups,#N/A\nStudy 2,2002,PUB,,\n"
)


def read(folder, content):
    path = folder / "package.bin"
    path.write_bytes(content)
    return answered(format_of(path).read(path, BOTH), BOTH)


def cells(name, measure):
    """Return the rows and settings of an analysis of a published data set, with six digits as RevMan prints."""
    one, pooled = published(name, measure, "MH", False)
    tables = zip(*(map(int, one[cell]) for cell in CELLS), strict=True)
    rows = "".join(
        f"1,1,,SUBGROUP_AND_OVERALL,Study {n},2001,0,0,0,0,{a},{n1},0,0,{c},{n2},0,0,,,,,Footnote {n}\n"
        for n, (a, n1, c, n2) in enumerate(tables, 1)
    )
    shown = [f"{math.exp(pooled[name]):.6f}" for name in ("estimate", "ci_lb", "ci_ub")]
    tests = [f"{pooled[name]:.6f}" for name in ("Q", "df", "Q_pval")]
    settings = (
        "1,1,Infection,Catheters,Dichotomous,true,New,Old,MH,Odds Ratio,Fixed effect,true,true,false,95%,95%,"
        f"{','.join(shown)},,{','.join(tests)},#N/A,{pooled['z']:.6f},{pooled['pval']:.6f},,,\n"
    )
    return rows, settings


@pytest.mark.parametrize("nested", [True, False])
def test_a_package_is_read_and_its_numbers_are_recomputed(tmp_path, nested):
    more = {"1-study-data/1-risk-of-bias.csv": BIAS, "1-study-data/1-study-information.csv": INFORMATION}
    imported = read(tmp_path, package(*cells("nielweise2007", "OR"), more, nested))
    [pool] = imported.pooled
    assert sum(figure.difference is not None for figure in pool.figures) == 8
    assert all(agrees(figure) for figure in pool.figures if figure.difference is not None)
    rows = imported.rows("outcomes")
    assert len(rows) == 18 and rows[0]["note"] == "Footnote: Footnote 1" and rows[0]["ratio_kind"] == "odds"
    assert imported.arms == ("New", "Old")
    [judged] = imported.rows("risk_of_bias")
    assert (judged["tool"], judged["judgement"], judged["reason"]) == ("RoB 1", "low", 'Quote: "by computer"')
    assert imported.rows("studies")[0]["note"] == "Methods: Parallel groups"


def test_a_column_that_has_no_place_is_kept(tmp_path):
    rows, settings = cells("nielweise2007", "OR")
    content = package(rows, settings)
    with_more = package(
        "".join(f"{line},new {n}\n" for n, line in enumerate(rows.splitlines(), 2)), settings, head=",Novelty"
    )
    assert read(tmp_path, content).kept == ()
    [kept] = read(tmp_path, with_more).kept
    assert kept.rows[0] == ("data-rows.csv, row 2, Novelty", "new 2") and len(kept.rows) == 18


def test_estimates_are_on_the_log_scale_where_the_file_says_so(tmp_path):
    rows = "1,1,,,Ash,2001,-0.2,0.1,0,0,0,0,0,0,0,0,0,0,100,0.818731,0.672981,0.996047,\n"
    settings = (
        "1,1,Relapse,A,Contrast level,true,New,Old,IV,Rate Ratio,Random effects,true,true,false,95%,95%,"
        "0.818731,0.67304,0.995958,0,0,0,#N/A,0,2,0.0455,,,\n"
    )
    imported = read(tmp_path, package(rows, settings))
    [one] = imported.rows("outcomes")
    wanted = {"yi": "-0.2", "effect_measure": "log_ratio", "ratio_kind": "rate", "direction": "better"}
    assert wanted.items() <= one.items()
    estimate = imported.pooled[0].figures[0]
    assert agrees(estimate) and estimate.recomputed == pytest.approx(math.exp(-0.2))


def test_noughts_in_the_place_of_a_result_are_no_result(tmp_path):
    rows = "1,1,,,Ash,2001,0,0,5,2,0,20,6,2,0,20,0,0,0,0,0,0,\n"
    settings = (
        "1,1,Pain,A,Continuous,false,,,IV,Mean Difference,Fixed effect,true,true,false,95%,95%,0,0,0,,0,0,0,0,0,0,,,\n"
    )
    [pool] = read(tmp_path, package(rows, settings)).pooled
    assert "nothing was computed" in pool.remark and all(figure.difference is None for figure in pool.figures)
    assert pool.figures[0].recomputed == pytest.approx(-1)


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "LARGEST", 1_000_000)
    bomb = {"1-analysis-data/1-data-rows.csv": b"0" * 2_000_000, "1-overall-estimates-and-settings.csv": b"x"}
    with pytest.raises(ValueError, match="large when unpacked"):
        read(tmp_path, zipped(bomb))
    inner = zipped({"1-data-rows.csv": b"0" * 700_000})
    with pytest.raises(ValueError, match="large when unpacked"):
        read(tmp_path, zipped({"a-data.zip": inner, "b-data.zip": inner}))


OUTSIDE = ["../1-data-rows.csv", "/etc/1-data-rows.csv", "..\\1-data-rows.csv", "C:/1-data-rows.csv"]


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_name_that_leads_out_of_the_archive_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="leads out of it"):
        read(tmp_path, zipped({name: b"a,b\n"}))


def test_archives_in_archives_end_somewhere(tmp_path):
    content = zipped({"1-data-rows.csv": b"a\n"})
    for _ in range(4):
        content = zipped({"1-data.zip": content})
    with pytest.raises(ValueError, match="more than 2 deep"):
        read(tmp_path, content)


def test_a_damaged_archive_and_one_without_analyses_are_refused_in_a_sentence(tmp_path):
    whole = package(*cells("nielweise2007", "OR"))
    with pytest.raises(ValueError, match="damaged, or cut off"):
        read(tmp_path, whole[: len(whole) // 2])
    middle = bytearray(whole)
    middle[200:400] = b"\0" * 200
    with pytest.raises(ValueError, match=r"damaged|no format was recognised"):
        read(tmp_path, bytes(middle))
    with pytest.raises(ValueError, match="with analyses in it"):
        read(tmp_path, package("", ""))
