"""From extracted outcomes to pooled domains, figures, tables and a report.

Each rule is one `taprev` command that can be typed by hand. `make review` runs this twice, first for the
effects and then for the rest, so that only domains whose effects changed are pooled and drawn again.
"""

import os
import sys

from taprev.provenance.fingerprint import source_fingerprint

configfile: "config/review.yaml"

os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]

DOMAINS = list(config["domains"])
TABLES = ["studies", "reports", "outcomes", "components", "risk_of_bias", "flow"]
EXTRACTED = expand("data/extracted/{table}.csv", table=TABLES) + ["data/extracted/datapackage.yaml"]
RAW = expand("data/raw/{form}.csv", form=sorted(glob_wildcards("data/raw/{form,form_first|form_second|adjudication}.csv").form))
RECEIVED = expand("data/raw/as_received/{file}.csv", file=sorted(glob_wildcards("data/raw/as_received/{file,[^/]+}.csv").file))
ANSWERS = expand("data/raw/{file}.csv", file=glob_wildcards("data/raw/{file,answers}.csv").file)
SYNTHESES = expand("results/synthesis/{domain}.json", domain=DOMAINS)
FIGURES = expand("results/figures/forest_{domain}.{kind}", domain=DOMAINS, kind=["svg", "png", "csv", "txt"])
SUMMARIES = expand("results/tables/{table}.csv", table=["summary", "fates", "fate_counts", "sensitivity", "multiverse", "studies", "components", "gap_map", "harms", "comparison"])


wildcard_constraints:
    domain="|".join(DOMAINS),


rule all:
    "Everything: report, figures, tables and the second computation of what was pooled."
    input: "results/report.html", "results/audit/crosscheck.csv", "results/audit/verify.R", "results/audit/agreement.csv", "results/audit/queries.csv", FIGURES, SUMMARIES


rule settings:
    "Fill in the defaults of the settings; changed settings or changed code make everything anew."
    output: "results/settings.yaml"
    params: config=config, source=source_fingerprint()
    shell: "taprev settings config/review.yaml --out {output:q}"


rule check:
    "Read every table by the codebook and prove that the consensus equals the forms plus adjudications."
    input: EXTRACTED, RAW, settings="results/settings.yaml"
    output: "results/audit/checked.csv"
    log: "results/audit/problems.csv"
    shell: "taprev check --settings {input.settings:q} --log {log:q} --out {output:q}"


rule agreement:
    "Measure how far the two extractors agree: kappa and prevalence by field, by extractor and by study."
    input: "results/audit/checked.csv", "data/extracted/datapackage.yaml", RAW, RECEIVED, settings="results/settings.yaml"
    output: "results/audit/agreement.csv"
    shell: "taprev agreement --settings {input.settings:q} --out {output:q}"


rule queries:
    "Ask what the plausibility checks ask of the extraction, each query beside its answer."
    input: "results/audit/checked.csv", EXTRACTED, ANSWERS, settings="results/settings.yaml"
    output: "results/audit/queries.csv"
    shell: "taprev queries --out {output:q}"


rule effects:
    "Derive yi and vi, decide the fate of every row, and settle what other choices would make of them, by domain."
    input: "results/audit/checked.csv", EXTRACTED, settings="results/settings.yaml"
    output: expand("results/effects/{domain}.csv", domain=DOMAINS), expand("results/effects/variants/{domain}.json", domain=DOMAINS)
    shell: "taprev effects --settings {input.settings:q} --out results/effects"


rule synthesis:
    "Pool a domain within its strata, count its directions, and pool it otherwise."
    input: "results/effects/{domain}.csv", "results/effects/variants/{domain}.json", settings="results/settings.yaml"
    output: "results/synthesis/{domain}.json"
    shell: "taprev synthesis {wildcards.domain} --settings {input.settings:q} --out results/synthesis"


rule crosscheck:
    "Compute estimates, intervals, tau2 and Q a second time with PyMARE or statsmodels; stop where they disagree."
    input: SYNTHESES
    output: "results/audit/crosscheck.csv"
    shell: "taprev crosscheck {input:q} --out {output:q}"


rule recomputation:
    "Write the R script that computes every effect and every pooled number again, with metafor."
    input: settings="results/settings.yaml"
    output: "results/audit/verify.R"
    shell: "taprev recomputation --settings {input.settings:q} --out {output:q}"


rule forest:
    "Draw the whole evidence of a domain."
    input: "results/synthesis/{domain}.json"
    output: expand("results/figures/forest_{{domain}}.{kind}", kind=["svg", "png", "csv", "txt"])
    shell: "taprev forest {input:q} --out results/figures"


rule tables:
    "Write the summary, the fate of every row, the sensitivity, the studies, their components, the gap map and harms."
    input: EXTRACTED, files=SYNTHESES, settings="results/settings.yaml"
    output: SUMMARIES
    shell: "taprev tables {input.files:q} --settings {input.settings:q} --out results/tables"


rule report:
    "Write the page that people read."
    input: FIGURES, SUMMARIES, EXTRACTED, "results/audit/crosscheck.csv", "results/audit/agreement.csv", "results/audit/queries.csv", files=SYNTHESES, settings="results/settings.yaml"
    output: "results/report.html"
    shell: "taprev report {input.files:q} --settings {input.settings:q} --out {output:q}"
