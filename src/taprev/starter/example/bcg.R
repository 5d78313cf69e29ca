# The tables of the example, from dat.bcg of the R package metadat. Only columns that are filled are written;
# `taprev init --example` adds the others. Run it in this folder: Rscript bcg.R
library(metadat)

d <- dat.bcg
label <- paste(d$author, d$year)
study <- gsub("^_+|_+$", "", gsub("[^a-z0-9]+", "_", tolower(label)))
report <- paste0(study, "_in_colditz_1994")
risk_arm1 <- d$tpos / (d$tpos + d$tneg)
risk_arm2 <- d$cpos / (d$cpos + d$cneg)

write_table <- function(name, ...) {
  write.csv(data.frame(..., check.names = FALSE), name, row.names = FALSE, quote = TRUE, na = "", eol = "\n")
}

write_table(
  "studies.csv",
  study = study, label = label, year = d$year, country = "not reported", setting = "not_reported", scope = "core",
  programme = "BCG vaccine", comparator = "not vaccinated", publication_status = "other", funding = "not reported",
  lived_experience = "not_coded", harms = "not_coded",
  note = paste0("Absolute latitude ", d$ablat, " degrees. The data set says no more of the study.")
)

write_table(
  "reports.csv",
  report = report, study = study, year = 1994,
  citation = paste(
    "Colditz GA, Brewer TF, Berkey CS, Wilson ME, Burdick E, Fineberg HV, Mosteller F. 1994. Efficacy of BCG vaccine",
    "in the prevention of tuberculosis: Meta-analysis of the published literature. JAMA 271(9):698-702"
  ),
  doi = "10.1001/jama.1994.03510330076038",
  source_url = "https://wviechtb.github.io/metadat/reference/dat.bcg.html",
  read = "secondary",
  read_in = "data set dat.bcg"
)

write_table(
  "outcomes.csv",
  result = sprintf("b%02d", d$trial), study = study, sample = "all", report = report, domain = "tuberculosis",
  population = "all_ages", measure = "people with tuberculosis", better = "lower",
  contrast = ifelse(d$alloc == "random", "randomised", "controlled"), statistic = "events",
  event_arm1 = d$tpos, totaln_arm1 = d$tpos + d$tneg, event_arm2 = d$cpos, totaln_arm2 = d$cpos + d$cneg,
  n_arm1 = d$tpos + d$tneg, n_arm2 = d$cpos + d$cneg,
  direction = ifelse(risk_arm1 < risk_arm2, "better", ifelse(risk_arm1 > risk_arm2, "worse", "no_difference")),
  ratio_kind = "risk",
  as_reported = sprintf("tpos = %d, tneg = %d, cpos = %d, cneg = %d", d$tpos, d$tneg, d$cpos, d$cneg),
  location = sprintf("dat.bcg, trial %d", d$trial),
  note = paste0("Allocation: ", d$alloc, ". The total of an arm is the sum of its two counts.")
)
