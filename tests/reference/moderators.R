# Reference values for tests/synthesis/test_moderators.py: meta-regression by metafor, CR2 by clubSandwich, subgroups.
# Usage: Rscript moderators.R [output.json]   (default: moderators.json beside this script)

suppressPackageStartupMessages({
  library(metafor)
  library(clubSandwich)
  library(jsonlite)
})

all_digits <- function(content) {
  rapply(content, function(x) ifelse(is.finite(x), sprintf("@%.17g@", x), "@null@"), classes = "numeric",
         how = "replace")
}

case <- function(id, source, data, formula, group = NULL, study = NULL) {
  frame <- model.frame(formula, data, na.action = na.pass)
  keep <- complete.cases(frame) & !is.na(data$yi) & !is.na(data$vi)
  X <- model.matrix(formula, data[keep, ])[, -1, drop = FALSE]
  list(id = id, source = source, yi = as.numeric(data$yi[keep]), vi = as.numeric(data$vi[keep]), X = unname(X),
       group = if (is.null(group)) NULL else as.character(data[[group]][keep]),
       study = as.character(if (is.null(study)) seq_len(sum(keep)) else data[[study]][keep]))
}

cases <- function() list(
  case("bcg-latitude", "Colditz et al. 1994, JAMA 271:698-702; log risk ratios on latitude",
       escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg), ~ ablat, "alloc"),
  case("bcg-two", "the same on latitude and year",
       escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg), ~ ablat + year),
  case("bangertdrowns", "Bangert-Drowns et al. 2004, Rev Educ Res 74:29-58; on length", dat.bangertdrowns2004,
       ~ length),
  case("raudenbush", "Raudenbush and Bryk 1985, J Educ Stat 10:75-98; on weeks", dat.raudenbush1985, ~ weeks,
       "setting"),
  case("konstantopoulos", "Konstantopoulos 2011, Res Synth Methods 2:61-76; on year, clusters are districts",
       dat.konstantopoulos2011, ~ year, NULL, "district"),
  case("assink", "Assink and Wibbelink 2016, Quant Meth Psych 12:154-174; on year, clusters are studies",
       dat.assink2016, ~ year, "deltype", "study")
)

results_of <- function(one) {
  unit <- min(one$vi) + var(one$yi)
  control <- list(threshold = 1e-14 * unit, tol = 1e-14 * unit, maxiter = 10000, stepadj = .5)
  fit <- rma(one$yi, one$vi, mods = one$X, method = "REML", test = "knha", control = control)
  plain <- rma(one$yi, one$vi, mods = one$X, method = "REML", control = control)
  robust <- coef_test(plain, vcov = "CR2", cluster = one$study)
  joint <- Wald_test(plain, constraints = constrain_zero(2:length(plain$beta)), vcov = "CR2", cluster = one$study,
                     test = "HTZ")
  subgroup <- NULL
  if (!is.null(one$group)) {
    levels <- unique(one$group)
    fits <- lapply(levels, function(l) rma(one$yi[one$group == l], one$vi[one$group == l], control = control))
    estimate <- sapply(fits, function(f) as.numeric(f$beta))
    se <- sapply(fits, function(f) f$se)
    between <- rma(estimate, sei = se, method = "FE")
    subgroup <- list(levels = levels, estimate = estimate, se = se, tau2 = sapply(fits, function(f) f$tau2),
                     Q = between$QE, Q_pval = between$QEp)
  }
  list(id = one$id, estimate = as.numeric(fit$beta), se = fit$se, ci_lb = fit$ci.lb, pval = fit$pval,
       tau2 = fit$tau2, R2 = fit$R2, QE = fit$QE, QE_pval = fit$QEp, QM = fit$QM, QM_pval = fit$QMp,
       cr2_se = robust$SE, cr2_df = if (is.null(robust$df_Satt)) robust$df else robust$df_Satt,
       cr2_QM = joint$Fstat, cr2_QM_df2 = joint$df_denom, cr2_QM_pval = joint$p_val, subgroups = subgroup)
}

main <- function(output) {
  sets <- cases()
  content <- list(
    made_by = list(script = "tests/reference/moderators.R", R = as.character(getRversion()),
                   metafor = as.character(packageVersion("metafor")),
                   clubSandwich = as.character(packageVersion("clubSandwich")),
                   metadat = as.character(packageVersion("metadat"))),
    sets = sets, fits = lapply(sets, results_of))
  text <- toJSON(all_digits(content), auto_unbox = TRUE, null = "null")
  writeLines(gsub("},{", "},\n{", gsub('"@([^@"]*)@"', "\\1", text), fixed = TRUE), output)
}

arguments <- commandArgs(trailingOnly = TRUE)
script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
here <- dirname(gsub("~+~", " ", script, fixed = TRUE)) # Rscript writes a space in a path so
main(if (length(arguments)) arguments[1] else file.path(here, "moderators.json"))
