# Reference values for tests/synthesis/test_mixed_effects.py: mixed-effects models by metafor's rma.
# Usage: Rscript mixed_effects.R [output.json [n]]   (default: mixed_effects.json beside this script; with n, every n-th set)
#
# The interval of a new study has t with k - p degrees of freedom in taprev whatever the test, so it is computed here
# from metafor's prediction and its standard error.

suppressPackageStartupMessages({
  library(metafor)
  library(jsonlite)
})

METHODS <- c("REML", "ML", "DL", "PM", "HE", "HS", "SJ", "EE")

all_digits <- function(content) {
  rapply(content, function(x) ifelse(is.finite(x), sprintf("@%.17g@", x), "@null@"), classes = "numeric",
         how = "replace")
}

case <- function(id, source, data, formula, weights = NULL) {
  frame <- model.frame(formula, data, na.action = na.pass)
  keep <- complete.cases(frame) & !is.na(data$yi) & !is.na(data$vi)
  list(id = id, source = source, yi = as.numeric(data$yi[keep]), vi = as.numeric(data$vi[keep]),
       X = unname(model.matrix(formula, data[keep, ])), weights = if (is.null(weights)) NULL else weights(data[keep, ]))
}

bcg <- escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
people <- function(data) as.numeric(data$tpos + data$tneg + data$cpos + data$cneg)

cases <- function() list(
  case("bcg", "Colditz et al. 1994, JAMA 271:698-702; log risk ratios", bcg, ~ 1),
  case("bcg-latitude", "the same on latitude", bcg, ~ ablat),
  case("bcg-two", "the same on latitude and allocation", bcg, ~ ablat + alloc),
  case("bcg-groups", "the same, a mean for each allocation", bcg, ~ 0 + alloc),
  case("bcg-people", "the same, weighed by people", bcg, ~ ablat, people),
  case("bcg-alone", "the same, weighed by people, no moderator", bcg, ~ 1, people),
  case("bangertdrowns", "Bangert-Drowns et al. 2004, Rev Educ Res 74:29-58; on length and year",
       dat.bangertdrowns2004, ~ length + year),
  case("raudenbush", "Raudenbush and Bryk 1985, J Educ Stat 10:75-98; on weeks", dat.raudenbush1985, ~ weeks)
)

tests_of <- function(one, method) {
  if (method == "EE" || !is.null(one$weights)) c("z", "t") else c("z", "t", "knha", "adhoc")
}

results_of <- function(one, method, test) {
  unit <- min(one$vi) + var(one$yi)
  control <- list(threshold = 1e-14 * unit, tol = 1e-14 * unit, maxiter = 10000, stepadj = .5, tau2.max = 1000 * unit)
  how <- list(yi = one$yi, vi = one$vi, mods = one$X, intercept = FALSE, method = method, test = test, control = control)
  fit <- suppressWarnings(do.call(rma, c(how, if (!is.null(one$weights)) list(weights = one$weights))))
  new <- one$X[1:3, if (fit$int.incl) -1 else TRUE, drop = FALSE]
  pred <- suppressWarnings(if (fit$int.only) predict(fit) else predict(fit, newmods = new))
  if (fit$int.only) pred <- list(pred = rep(pred$pred, 3), se = rep(pred$se, 3), ci.lb = rep(pred$ci.lb, 3))
  freedom <- if (method == "EE" && test == "z") Inf else fit$k - fit$p
  far <- qt(.975, freedom) * sqrt(pred$se^2 + fit$tau2)
  list(id = one$id, method = method, test = test, beta = as.numeric(fit$beta), se = fit$se, pval = fit$pval,
       ci_lb = fit$ci.lb, ci_ub = fit$ci.ub, vb = as.numeric(fit$vb), tau2 = fit$tau2, I2 = fit$I2, H2 = fit$H2,
       QE = fit$QE, QE_pval = fit$QEp, pred = as.numeric(pred$pred), pred_se = pred$se, pred_ci_lb = pred$ci.lb,
       pred_pi_lb = pred$pred - far)
}

# What needs the intercept to be known as one: the omnibus test and R2.
omnibus_of <- function(one, method, test) {
  if (any(apply(one$X, 2, function(x) all(x == 1))) && ncol(one$X) > 1 && is.null(one$weights)) {
    unit <- min(one$vi) + var(one$yi)
    control <- list(threshold = 1e-14 * unit, tol = 1e-14 * unit, maxiter = 10000, stepadj = .5, tau2.max = 1000 * unit)
    fit <- suppressWarnings(rma(one$yi, one$vi, mods = one$X[, -1, drop = FALSE], method = method, test = test,
                                control = control))
    list(id = one$id, method = method, test = test, R2 = if (is.null(fit$R2)) NA_real_ else fit$R2, QM = fit$QM,
         QM_pval = fit$QMp)
  }
}

main <- function(output, every = 1) {
  chosen <- cases()[seq(1, length(cases()), by = every)]
  grid <- do.call(c, lapply(chosen, function(one) do.call(c, lapply(METHODS, function(method)
    lapply(tests_of(one, method), function(test) list(one = one, method = method, test = test))))))
  content <- list(
    made_by = list(script = "tests/reference/mixed_effects.R", R = as.character(getRversion()),
                   metafor = as.character(packageVersion("metafor"))),
    cases = lapply(chosen, function(one) c(one[names(one) != "X"],
      list(X = lapply(seq_len(nrow(one$X)), function(i) as.numeric(one$X[i, ]))))),
    fits = lapply(grid, function(g) results_of(g$one, g$method, g$test)),
    omnibus = Filter(Negate(is.null), lapply(grid, function(g) omnibus_of(g$one, g$method, g$test)))
  )
  text <- toJSON(all_digits(content), auto_unbox = TRUE, null = "null")
  writeLines(gsub("},{", "},\n{", gsub('"@([^@"]*)@"', "\\1", text), fixed = TRUE), output)
}

arguments <- commandArgs(trailingOnly = TRUE)
script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
here <- dirname(gsub("~+~", " ", script, fixed = TRUE)) # Rscript writes a space in a path so
main(if (length(arguments)) arguments[1] else file.path(here, "mixed_effects.json"),
     if (length(arguments) > 1) as.integer(arguments[2]) else 1)
