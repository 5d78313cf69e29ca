"""Files of other programs, made for the tests of importers: invented studies, and events of a published data set."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from openpyxl import Workbook

from helpers import REFERENCE

CELLS = ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")
SETTINGS_HEAD = (
    "Analysis group,Analysis number,Analysis name,Analysis group name,Data type,Log-scale data,"
    "Experimental group label,Control group label,Statistical method,Effect measure,Analysis model,"
    "Subgroup estimates,Overall estimates,Swap event and non-event,Study CI,Estimate CI,Mean,"
    "CI start,CI end,Heterogeneity Tau²,Heterogeneity Chi²,Heterogeneity df,Heterogeneity P,"
    "Heterogeneity I²,Effect Z,Effect P,Subgroup Chi²,Subgroup P,Subgroup I²"
)
ROWS_HEAD = (
    "Analysis group,Analysis number,Subgroup,Applicability,Study,Study year,GIV Mean,GIV SE,Experimental mean,"
    "Experimental SD,Experimental cases,Experimental N,Control mean,Control SD,Control cases,Control N,O-E,Variance,"
    "Weight,Mean,CI start,CI end,Footnotes"
)


def published(name: str, measure: str, weighting: str, random: bool) -> tuple[dict, dict]:
    """Return a set of events of the reference values, and what R makes of it."""
    reference = json.loads((REFERENCE / "revman.json").read_text())
    one = next(one for one in reference["events"] if one["id"] == name)
    asked = {"set": name, "measure": measure, "weighting": weighting, "random": random}
    return one, next(r for r in reference["results"] if asked.items() <= r.items())


def attributes(pairs: Mapping[str, object]) -> str:
    return " ".join(f"{name}={quoteattr(str(value))}" for name, value in pairs.items())


def element(tag: str, pairs: Mapping[str, object], *inside: str) -> str:
    return f"<{tag} {attributes(pairs)}>{''.join(inside)}</{tag}>"


def named(tag: str, text: str) -> str:
    return f"<{tag}>{escape(text)}</{tag}>"


def row(kind: str, study: str, figures: Mapping[str, object], footnote: str = "") -> str:
    inside = named("FOOTNOTE", footnote) if footnote else ""
    return element(f"{kind}_DATA", {"STUDY_ID": study, "ESTIMABLE": "YES", **figures}, inside)


def outcome(kind: str, number: str, name: str, pairs: Mapping[str, object], *inside: str) -> str:
    given = {"ID": f"CMP-{number}", "TOTALS": "YES", "RANDOM": "NO", "CI_TOTAL": 95, "CI_STUDY": 95, **pairs}
    labels = named("GROUP_LABEL_1", "Aspirin") + named("GROUP_LABEL_2", "Placebo")
    return element(f"{kind}_OUTCOME", given, named("NAME", name), labels, *inside)


def subgroup(kind: str, name: str, *inside: str) -> str:
    return element(f"{kind}_SUBGROUP", {"ID": "CMP-x"}, named("NAME", name), *inside)


def events(a: int, n1: int, c: int, n2: int) -> dict[str, int]:
    return {"EVENTS_1": a, "TOTAL_1": n1, "EVENTS_2": c, "TOTAL_2": n2}


def means(m1: float, sd1: float, n1: int, m2: float, sd2: float, n2: int) -> dict[str, float]:
    return {"MEAN_1": m1, "SD_1": sd1, "TOTAL_1": n1, "MEAN_2": m2, "SD_2": sd2, "TOTAL_2": n2}


def judgement(study: str, result: str, text: str = "") -> str:
    described = f"<DESCRIPTION><P>{escape(text)}</P></DESCRIPTION>" if text else "<DESCRIPTION/>"
    return element("QUALITY_ITEM_DATA_ENTRY", {"RESULT": result, "STUDY_ID": study}, described)


def item(name: str, *entries: str) -> str:
    data = f"<QUALITY_ITEM_DATA>{''.join(entries)}</QUALITY_ITEM_DATA>"
    return element("QUALITY_ITEM", {"LEVEL": "STUDY"}, named("NAME", name), data)


def rm5(outcomes: Sequence[str], items: Sequence[str] = (), studies: Sequence[str] = ("Ash 2001", "Birch 2002")) -> str:
    """Return a file of RevMan 5 with one comparison."""
    listed = "".join(
        element("STUDY", {"ID": f"STD-{n}", "NAME": name, "YEAR": name[-4:]}) for n, name in enumerate(studies, 1)
    )
    compared = element("COMPARISON", {"ID": "CMP-001", "NO": 1}, named("NAME", "Aspirin or placebo"), *outcomes)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<COCHRANE_REVIEW REVMAN_VERSION="5"><COVER_SHEET><TITLE>A title</TITLE></COVER_SHEET>'
        f"<STUDIES_AND_REFERENCES><STUDIES><INCLUDED_STUDIES>{listed}</INCLUDED_STUDIES></STUDIES></STUDIES_AND_REFERENCES>"
        f"<QUALITY_ITEMS>{''.join(items)}</QUALITY_ITEMS>"
        f"<ANALYSES_AND_DATA>{compared}</ANALYSES_AND_DATA></COCHRANE_REVIEW>"
    )


def rm5_of(name: str = "nielweise2007", measure: str = "OR", weighting: str = "MH", random: bool = False) -> str:
    """Return a file of RevMan 5 with a published data set and the pooled numbers that R gives for it."""
    import math

    one, pooled = published(name, measure, weighting, random)
    tables = list(zip(*(one[cell] for cell in CELLS), strict=True))
    rows = [row("DICH", f"STD-{n}", events(*map(int, table))) for n, table in enumerate(tables, 1)]
    stored = {
        **{"EFFECT_MEASURE": measure, "METHOD": weighting, "RANDOM": "YES" if random else "NO"},
        **{
            name: math.exp(pooled[own])
            for name, own in (("EFFECT_SIZE", "estimate"), ("CI_START", "ci_lb"), ("CI_END", "ci_ub"))
        },
        **{"CHI2": pooled["Q"], "DF": pooled["df"], "P_CHI2": pooled["Q_pval"], "TAU2": pooled["tau2"]},
        **{"Z": pooled["z"], "P_Z": pooled["pval"]},
    }
    studies = [f"Study {n} 2001" for n in range(1, len(tables) + 1)]
    return rm5([outcome("DICH", "001.01", "Infection", stored, *rows)], studies=studies)


def package(
    rows: str, settings: str, more: Mapping[str, str] | None = None, nested: bool = True, head: str = ""
) -> bytes:
    """Return a data package of RevMan Web: its tables in an archive, in another archive."""
    files = {
        "1-analysis-data/1-data-rows.csv": f"\ufeff{ROWS_HEAD}{head}\n{rows}",
        "1-analysis-data/1-overall-estimates-and-settings.csv": f"\ufeff{SETTINGS_HEAD}\n{settings}",
        **(more or {}),
    }
    inner = zipped({name: text.encode() for name, text in files.items()})
    return zipped({"review/1-files/1-data.zip": inner}) if nested else inner


def zipped(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def xlsx(path: Path, lines: Sequence[Sequence[object]], title: str = "Sheet") -> Path:
    book = Workbook()
    book.active.title = title
    for line in lines:
        book.active.append(list(line))
    book.save(path)
    return path


METAPSY_HEAD = (
    "study;condition_arm1;condition_arm2;multi_arm1;multi_arm2;outcome_type;instrument;time;time_weeks;rating;mean_arm1;"
    "sd_arm1;n_arm1;mean_arm2;sd_arm2;n_arm2;event_arm1;totaln_arm1;event_arm2;totaln_arm2;precalc_g;precalc_g_se;.g;"
    "country;rob_d1;rob_d2;rob_d3;rob_d4;rob_d5;rob;colour"
)
LOW = "Low;Low;Low;Low;Low;Low"
METAPSY = "\n".join(
    (
        METAPSY_HEAD,
        f"Ash, 2001;cbt;wl;NA;NA;msd;BDI;post;8;self;10,5;4,2;20;14,1;5;22;NA;NA;NA;NA;NA;NA;0,7617;UK;{LOW};red",
        f"Birch, 2002;cbt;wl;CBT A;Waitlist;msd;BDI;post;8;self;11;4;30;14;5;30;NA;NA;NA;NA;NA;NA;NA;US;{LOW};red",
        f"Birch, 2002;ipt;wl;IPT B;Waitlist;msd;BDI;post;8;self;12;4;31;14;5;30;NA;NA;NA;NA;NA;NA;NA;US;{LOW};blue",
        f"Cedar, 2003;cbt;cau;NA;NA;precalc_g;BDI;post;8;self;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;0,5;0,2;0,5;US;{LOW};red",
        f"Dogwood, 2004;cbt;cau;NA;NA;dich;remission;post;8;self;NA;NA;NA;NA;NA;NA;12;20;5;21;NA;NA;NA;US;{LOW};red",
        f"Elm, 2005;cbt;cau;NA;NA;msd;BDI;post;8;self;9;3;40;12;3,5;41;NA;NA;NA;NA;NA;NA;NA;US;{LOW};red",
        f"Fir, 2006;cbt;cau;NA;NA;msd;BDI;post;8;self;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;US;{LOW};red",
    )
)
COVIDENCE = """\
Covidence #,Study ID,Title,Reviewer Name,:,Country,Mean intervention 1,SD intervention 1,N intervention 1,\
Mean control 1,SD control 1,N control 1,Outcome 1,Mean intervention 2,SD intervention 2,N intervention 2,\
Mean control 2,SD control 2,N control 2,Outcome 2
1,Ash 2001,A title,Anna,,UK,10,2,20,12,2.5,22,mood,,,,,,,
1,Ash 2001,A title,Ben,,UK,10,2,20,12,2.6,22,mood,,,,,,,
1,Ash 2001,A title,Consensus,,UK,10,2,20,12,2.5,22,mood,,,,,,,
2,Birch 2002,B title,Anna,,US,11,2,30,12,2.5,32,mood,5,1,30,6,1,32,sleep
2,Birch 2002,B title,Ben,,US,11,2,30,12,2.5,32,mood,5,1,30,6,1,32,sleep
2,Birch 2002,B title,Consensus,,US,11,2,30,12.5,2.5,32,mood,5,1,30,6,1,32,sleep
3,Cedar 2003,C title,Anna,,US,9,2,30,12,2.5,32,mood,,,,,,,
3,Cedar 2003,C title,Ben,,US,9.5,2,30,12,2.5,32,mood,,,,,,,
"""
ROBVIS = "Study,D1,D2,D3,D4,D5,Overall\nStudy 1,low,Low,LOW,Low,Low,Low\nStudy 2,High,Low,Some Concerns,Low,Low,High\n"
EFFECTS = "study,year,yi,sei\nStudy 1,2001,0.2,0.1\nStudy 2,2002,0.3,0.12\nStudy 3,2003,-0.1,0.2\n"
RIS = """TY  - JOUR
AU  - Ash, A.
AU  - Birch, B.
TI  - A trial of aspirin
JO  - Journal of Trials
PY  - 2001
VL  - 3
DO  - 10.1000/ash
ER  -

TY  - JOUR
AU  - Ash, A
TI  - The same trial
PY  - 2001
DO  - https://doi.org/10.1000/ASH
ER  -

TY  - THES
AU  - Cedar, C.
TI  - A thesis
PY  - 2003
UR  - https://example.org/cedar
ER  -
"""
NBIB = """PMID- 11111111
TI  - A trial of aspirin and
      of nothing else.
FAU - Ash, Anna
AU  - Ash A
DP  - 2001 Mar
JT  - Journal of trials
VI  - 3
IP  - 2
PG  - 10-20
LID - 10.1000/ash [doi]
PT  - Journal Article

PMID- 22222222
TI  - Another trial.
AU  - Birch B
DP  - 2002
PT  - Journal Article
"""
PRISMA = "data,node,box,description,boxtext,tooltips,url,n\ndatabase_results,node7,box2,a,a,a,a,120\n"
EPPI = json.dumps(
    {
        "CodeSets": [{"Attributes": {"AttributesList": [{"AttributeId": 7, "AttributeName": "Depression"}]}}],
        "References": [
            {
                "ItemId": 1,
                "Title": "A trial",
                "ShortTitle": "Ash (2001)",
                "Year": "2001",
                "DOI": "10.1000/ash",
                "Codes": [
                    {
                        "AttributeId": 7,
                        "AdditionalText": "",
                        "ItemAttributeFullTextDetails": [{"Text": "the mean was 10.5", "DocTitle": "ash.pdf"}],
                    }
                ],
                "Outcomes": [
                    {
                        **{"OutcomeId": 5, "OutcomeTypeId": 1, "OutcomeTypeName": "Continuous", "Title": "BDI"},
                        **{"OutcomeText": "mood", "grp1ArmName": "CBT", "grp2ArmName": "Waitlist"},
                        **{"Data1": 20, "Data1Desc": "Group 1 N", "Data2": 22, "Data2Desc": "Group 2 N"},
                        **{"Data3": 10.5, "Data3Desc": "Group 1 mean", "Data4": 14.1, "Data4Desc": "Group 2 mean"},
                        **{"Data5": 4.2, "Data5Desc": "Group 1 SD", "Data6": 5, "Data6Desc": "Group 2 SD"},
                        "OutcomeCodes": {
                            "OutcomeItemAttributesList": [{"AttributeId": 7, "AttributeName": "Depression"}]
                        },
                    },
                    {
                        **{"OutcomeId": 6, "OutcomeTypeId": 0, "OutcomeTypeName": "Manual entry", "Title": "BDI"},
                        **{"OutcomeText": "relapse", "OddsRatio": 0.5, "SEOddsRatio": 0.3, "SMD": 0, "SESMD": 0},
                    },
                    {
                        **{"OutcomeId": 8, "OutcomeTypeId": 6, "OutcomeTypeName": "Diagnostic", "Title": "test"},
                        **{"Data1": 3, "Data1Desc": "True positive"},
                    },
                ],
            }
        ],
    }
)


def srdr(path: Path) -> Path:
    """Write an export of SRDR+: two extractors of one study with a consolidated row."""
    fixed = ["Extraction ID", "Consolidated", "Username", "Citation ID", "Citation Name", "PMID", "Authors"]
    heads = [
        f"Mood - Adults - Descriptive Statistics - 8 weeks - {arm} - {measure}\r[Outcome ID: 1][Measure ID: {n}]"
        for arm in ("CBT", "Usual care")
        for n, measure in enumerate(("Mean", "SD", "Total (N analyzed)"))
    ]
    lines = [
        [1, "false", "anna", 9, "Ash 2001", 111, "Ash A", 10, 2, 20, 12, 2.5, 22],
        [2, "false", "ben", 9, "Ash 2001", 111, "Ash A", 10, 2, 20, 12, 2.6, 22],
        [3, "true", "anna", 9, "Ash 2001", 111, "Ash A", 10, 2, 20, 12, 2.5, 22],
    ]
    return xlsx(path, [[*fixed, *heads], *lines], "Results")
