# Reference values for tests/synthesis/test_influence.py, from metafor: leave-one-out, cumulative and influence.
# Usage: Rscript influence.R [output.json [n]]   (reads random_effects.json beside this script; with n, every n-th set)

suppressPackageStartupMessages({
  library(metafor)
  library(jsonlite)
})

SETS <- c("bcg", "raudenbush1985", "normand1999", "egger2001", "cannon2006", "viechtbauer2021", "pritz1997",
          sprintf("random-%03d", 1:12))

all_digits <- function(content) {
  rapply(content, function(x) ifelse(is.finite(x), sprintf("@%.17g@", x), "@null@"), classes = "numeric",
         how = "replace")
}

tight <- function(set) {
  unit <- min(set$vi) + var(set$yi)
  list(threshold = 1e-14 * unit, tol = 1e-14 * unit, maxiter = 10000)
}

results_of <- function(set) {
  control <- tight(set)
  yi <- set$yi
  vi <- set$vi
  # estimates, se and tau2 with Wald, as rma's default; the same tau2 serves HKSJ
  fit <- rma(yi, vi, method = "REML", control = control)
  out <- leave1out(fit)
  hksj <- leave1out(rma(yi, vi, method = "REML", test = "knha", control = control))
  added <- cumul(fit)
  found <- influence(fit)
  pdf(NULL)
  apart <- baujat(fit)
  invisible(dev.off())
  list(set = set$id, k = length(yi), estimate = out$estimate, tau2 = out$tau2, wald_ci_lb = out$ci.lb,
       hksj_ci_lb = hksj$ci.lb, hksj_ci_ub = hksj$ci.ub,
       cumulative_estimate = added$estimate, cumulative_tau2 = added$tau2, cumulative_ci_lb = added$ci.lb,
       rstudent = found$inf$rstudent, dffits = found$inf$dffits, cook_d = found$inf$cook.d,
       cov_r = found$inf$cov.r, tau2_del = found$inf$tau2.del, Q_del = found$inf$QE.del, hat = found$inf$hat,
       weight = found$inf$weight, dfbs = found$dfbs$intrcpt, influential = found$is.infl,
       baujat_x = apart$x, baujat_y = apart$y)
}

main <- function(here, output, every = 1) {
  stored <- fromJSON(file.path(here, "random_effects.json"), simplifyDataFrame = FALSE)$sets
  chosen <- Filter(function(set) set$id %in% SETS && length(set$yi) >= 4, stored)
  chosen <- chosen[seq(1, length(chosen), by = every)]
  content <- list(
    made_by = list(script = "tests/reference/influence.R", R = as.character(getRversion()),
                   metafor = as.character(packageVersion("metafor")), method = "REML",
                   control = "threshold and tol 1e-14 (min(vi) + var(yi)), maxiter 10000"),
    sets = lapply(chosen, results_of)
  )
  text <- toJSON(all_digits(content), auto_unbox = TRUE, null = "null")
  writeLines(gsub("},{", "},\n{", gsub('"@([^@"]*)@"', "\\1", text), fixed = TRUE), output)
}

arguments <- commandArgs(trailingOnly = TRUE)
script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
here <- dirname(gsub("~+~", " ", script, fixed = TRUE)) # Rscript writes a space in a path so
main(here, if (length(arguments)) arguments[1] else file.path(here, "influence.json"),
     if (length(arguments) > 1) as.integer(arguments[2]) else 1)
