"""A row of outcomes about which no plausibility check asks anything."""

from __future__ import annotations

from helpers import ROOT
from taprev.extraction.tables import columns

BLANK = dict.fromkeys(columns(ROOT / "data" / "extracted", "outcomes"), "")
SOUND = BLANK | {
    "result": "x1",
    "study": "s",
    "report": "s",
    "sample": "all",
    "domain": "d",
    "measure": "m",
    "timepoint": "post",
    "better": "higher",
    "contrast": "controlled",
    "statistic": "direction",
    "direction": "better",
}
