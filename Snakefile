"""From extracted outcomes to pooled domains, figures, tables and a report.

Each rule is one `taprev` command that can be typed by hand. `make review` runs this twice, first for the
effects and then for the rest, so that only domains whose effects changed are pooled and drawn again.
"""

import os
import sys
from taprev.extraction.sheets.places import files, tables_there
from taprev.ground.environment import environment
from taprev.ground.fingerprint import checksums, source_fingerprint
from taprev.report.documents.formats import document_files
from taprev.sources.folder import files_there

configfile: "config/review.yaml"
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]

DOMAINS = list(config["domains"])
OF_EVERY_DOMAIN = ["results/effects/{domain}.csv", "results/effects/variants/{domain}.json", "results/synthesis/{domain}.json", "results/figures/{domain}", "results/certainty/{domain}.json", "results/audit/trace/{domain}.json"]
TABLES = ["studies", "reports", "outcomes", "components", "risk_of_bias", "certainty", "flow"] + tables_there("data/extracted", "missing_evidence")
FORMS, ANSWERS, RECEIVED = tables_there("data/raw", "form_.*|adjudication|verification"), tables_there("data/raw", "answers"), files("data/raw/as_received", tables_there("data/raw/as_received", ".*"))
CITATION, KEPT_CITATION = (["CITATION.cff"], ["results/audit/CITATION.cff"]) if os.path.isfile("CITATION.cff") else ([], [])
INPUTS = files("data/extracted", TABLES) + ["data/extracted/datapackage.yaml"] + files("data/raw", FORMS + ANSWERS) + RECEIVED + CITATION + ["config/involvement.yaml"]
SOURCES = [file.as_posix() for file in files_there()]
KEPT_TABLES = expand("results/audit/extracted/{table}.csv", table=TABLES) + ["results/audit/extracted/datapackage.yaml"]
KEPT_RAW, KEPT_ANSWERS = (expand("results/audit/raw/{name}.csv", name=names) for names in (FORMS, ANSWERS))
KEPT = KEPT_TABLES + KEPT_RAW + KEPT_ANSWERS + KEPT_CITATION + [file.replace("data/", "results/audit/", 1) for file in RECEIVED] + ["results/audit/involvement.yaml", "results/audit/as_read.csv"]
SYNTHESES = expand("results/synthesis/{domain}.json", domain=DOMAINS)
FIGURES = expand("results/figures/{domain}", domain=DOMAINS)
CERTAINTY = expand("results/certainty/{domain}.json", domain=DOMAINS)
TRACES = expand("results/audit/trace/{domain}.json", domain=DOMAINS)
EFFECTS = expand("results/effects/{domain}.csv", domain=DOMAINS) + expand("results/effects/variants/{domain}.json", domain=DOMAINS)
OVERVIEWS = ["results/figures/whole-review"]
DOCUMENTS = expand("results/documents/{file}", file=document_files())
SUMMARIES = expand("results/tables/{table}.csv", table=["summary", "fates", "fate_counts", "sensitivity", "multiverse", "small_studies", "studies", "components", "gap_map", "harms", "comparison"])
AUDIT = expand("results/audit/{file}", file=["checked.csv", "agreement.csv", "sources.csv", "source_files.csv", "places", "queries.csv", "trail.jsonl", "crosscheck.csv", "verify.R", "verification.csv", "changes.json", "index.html", "pages"])
WHOLE = ["results/settings.yaml", "results/report.html", "results/map.html", "results/figures/index.html", "results/figures/not_drawn.csv", "results/figures/citations.bib"] + OVERVIEWS + DOCUMENTS + SUMMARIES + AUDIT
RESULTS = WHOLE + EFFECTS + SYNTHESES + FIGURES + CERTAINTY + TRACES

wildcard_constraints: domain="|".join(DOMAINS)
onsuccess:
    if os.path.exists("results/manifest.json") and "TAPREV_SCREEN" not in os.environ:
        shell("taprev status || true")

rule all:
    "Everything: report, figures, tables, the audit of every number, and the seal of the run."
    input: "results/manifest.json", KEPT, RESULTS


rule settings:
    "Fill in the defaults of the settings; changed settings, code or libraries make everything anew."
    output: "results/settings.yaml"
    params: config=config, source=source_fingerprint(), environment=str(environment())
    shell: "taprev settings config/review.yaml --out {output:q}"


rule check:
    "Read every table by the codebook, prove that the consensus equals forms plus adjudications, and keep copies of all that is read; every later rule reads the copies."
    input: INPUTS, settings="results/settings.yaml"
    output: "results/audit/checked.csv", KEPT
    log: "results/audit/problems.csv"
    params: content=checksums(INPUTS)
    shell: "taprev check --settings {input.settings:q} --log {log:q} --out {output[0]:q}"


rule agreement:
    "Measure how far the extractors agree: kappa and prevalence by field, by extractor and by study."
    input: "results/audit/checked.csv", KEPT_TABLES, KEPT_RAW, settings="results/settings.yaml"
    output: "results/audit/agreement.csv"
    shell: "taprev agreement --settings {input.settings:q} --data results/audit --out {output:q}"


rule sources:
    "Look every extracted figure up in the reports that are kept, and show the place where each is printed."
    input: SOURCES, "results/audit/checked.csv", KEPT_TABLES, settings="results/settings.yaml"
    output: "results/audit/sources.csv", "results/audit/source_files.csv", directory("results/audit/places")
    params: content=checksums(SOURCES)
    shell: "taprev sources --settings {input.settings:q} --data results/audit --out {output[0]:q}"


rule queries:
    "Ask what the plausibility checks and the sources ask of the extraction, those queries first that move a pooled number most."
    input: TRACES, SYNTHESES, "results/audit/checked.csv", "results/audit/sources.csv", KEPT_TABLES, KEPT_ANSWERS, settings="results/settings.yaml"
    output: "results/audit/queries.csv"
    shell: "taprev queries --settings {input.settings:q} --data results/audit --traces results/audit/trace --out {output:q}"


rule effects:
    "Derive yi and vi, decide the fate of every row, and settle what other choices would make of them, by domain."
    input: "results/audit/checked.csv", "results/audit/sources.csv", KEPT_TABLES, KEPT_RAW, KEPT_ANSWERS, settings="results/settings.yaml"
    output: EFFECTS
    shell: "taprev effects --settings {input.settings:q} --data results/audit --out results/effects"


rule synthesis:
    "Pool a domain within its strata, count its directions, pool it otherwise, and set what people judged of missing evidence beside it."
    input: [file for file in KEPT_TABLES if file.endswith("missing_evidence.csv")], KEPT_ANSWERS, "results/effects/{domain}.csv", "results/effects/variants/{domain}.json", settings="results/settings.yaml"
    output: "results/synthesis/{domain}.json"
    priority: 2
    shell: "taprev synthesis {wildcards.domain} --settings {input.settings:q} --data results/audit --out results/synthesis"


rule crosscheck:
    "Compute estimates, intervals, tau2 and Q a second time with PyMARE or statsmodels; stop where they disagree."
    input: SYNTHESES
    output: "results/audit/crosscheck.csv"
    shell: "taprev crosscheck {input:q} --out {output:q}"


rule recomputation:
    "Write the R script that computes every effect, pooled number and other choice again, with metafor."
    input: settings="results/settings.yaml"
    output: "results/audit/verify.R"
    shell: "taprev recomputation --settings {input.settings:q} --out {output:q}"


rule changes:
    "Say what changed since the edition last published, which numbers that moved, and by which part of it."
    input: "results/audit/checked.csv", KEPT_TABLES, settings="results/settings.yaml"
    output: "results/audit/changes.json"
    shell: "taprev changes --settings {input.settings:q} --data results/audit --out {output:q}"


rule traces:
    "Follow every extracted cell to the numbers it bears on, and say what they would be without its row."
    input: KEPT, SYNTHESES, EFFECTS, "results/audit/checked.csv", "results/audit/sources.csv", settings="results/settings.yaml"
    output: TRACES, "results/audit/trail.jsonl"
    shell: "taprev traces --settings {input.settings:q} --data results/audit --out results/audit/trace"


rule verification:
    "Say how often extracted cells are wrong, by a sample of them that a person compared with the sources."
    input: TRACES, KEPT_RAW
    output: "results/audit/verification.csv"
    shell: "taprev verification --data results/audit --traces results/audit/trace --out {output:q}"


rule figures:
    "Draw a domain: its forest plot, the number without each study and under all choices, its posteriors, its funnel."
    input: file="results/synthesis/{domain}.json", settings="results/settings.yaml"
    output: directory("results/figures/{domain}")
    shell: "taprev figures {input.file:q} --settings {input.settings:q} --out results/figures"


rule certainty:
    "Gather what a judgement of certainty rests on, suggest one, and set what people judged beside it."
    input: KEPT_TABLES, files=SYNTHESES, settings="results/settings.yaml"
    output: CERTAINTY
    shell: "taprev certainty {input.files:q} --settings {input.settings:q} --data results/audit --out results/certainty"


rule tables:
    "Write the summary, the fate of every row, the sensitivity, the studies, their components, the gap map and harms."
    input: KEPT_TABLES, files=SYNTHESES, settings="results/settings.yaml"
    output: SUMMARIES
    priority: 1
    shell: "taprev tables {input.files:q} --settings {input.settings:q} --data results/audit --out results/tables"


rule overviews:
    "Draw the figures of the whole review: gap map, components, effect directions, risk of bias, flow of records."
    input: KEPT_TABLES, "results/tables/gap_map.csv", files=SYNTHESES, settings="results/settings.yaml"
    output: directory("results/figures/whole-review")
    priority: 1
    shell: "taprev overviews {input.files:q} --settings {input.settings:q} --data results/audit --out results/figures"


rule documents:
    "Write the summary of findings, its profile, the tables of studies, the checklists, the policy brief, the summary in plain words and the slides."
    input: KEPT_TABLES, KEPT_CITATION, CERTAINTY, involvement="results/audit/involvement.yaml", files=SYNTHESES, settings="results/settings.yaml"
    output: DOCUMENTS
    shell: "taprev documents {input.files:q} --settings {input.settings:q} --data results/audit --involvement {input.involvement:q} --out results/documents"


rule gallery:
    "Write the page from which figures are taken, each with its sentence, its citation and its files, and what is not drawn."
    input: FIGURES, OVERVIEWS, KEPT_CITATION, files=SYNTHESES, settings="results/settings.yaml"
    output: "results/figures/index.html", "results/figures/not_drawn.csv", "results/figures/citations.bib"
    shell: "taprev gallery {input.files:q} --settings {input.settings:q} --citation results/audit/CITATION.cff --out {output[0]:q}"


rule map:
    "Write the evidence map: outcomes by kind of programme, with every study behind each cell."
    input: KEPT_TABLES, EFFECTS, files=SYNTHESES, settings="results/settings.yaml"
    output: "results/map.html"
    shell: "taprev map {input.files:q} --settings {input.settings:q} --data results/audit --out {output:q}"


rule report:
    "Write the page that people read."
    input: FIGURES, SUMMARIES, CERTAINTY, KEPT_TABLES, KEPT_CITATION, "results/audit/crosscheck.csv", "results/audit/agreement.csv", "results/audit/queries.csv", "results/audit/verification.csv", "results/audit/as_read.csv", files=SYNTHESES, settings="results/settings.yaml"
    output: "results/report.html"
    shell: "taprev report {input.files:q} --settings {input.settings:q} --data results/audit --out {output:q}"


rule audit:
    "Write the audit pages: from every pooled number to the printed figure, in two clicks."
    input: TRACES, KEPT, "results/audit/sources.csv", "results/audit/source_files.csv", "results/audit/places", "results/audit/crosscheck.csv", "results/audit/queries.csv", "results/audit/changes.json", files=SYNTHESES, settings="results/settings.yaml"
    output: "results/audit/index.html", directory("results/audit/pages")
    shell: "taprev audit {input.files:q} --settings {input.settings:q} --data results/audit --out {output[0]:q}"


rule manifest:
    "Seal the run: checksums of everything that went in and came out; {domain} stands for every domain."
    input: "config/review.yaml", INPUTS, SOURCES, KEPT, RESULTS
    output: "results/manifest.json", "results/SHA256SUMS"
    shell: "taprev manifest config/review.yaml {INPUTS:q} {SOURCES:q} {KEPT:q} {WHOLE:q} {OF_EVERY_DOMAIN:q} --out {output[0]:q}"
