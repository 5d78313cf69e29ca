# Reference values for tests/synthesis/test_small_study.py and test_selection.py: regression and rank tests, trim and
# fill and step-function selection models by metafor, the tests of Peters and Harbord by lm.
# Usage: Rscript small_study.R [output.json]   (default: small_study.json beside this script)

suppressPackageStartupMessages({
  library(metafor)
  library(jsonlite)
})

all_digits <- function(content) {
  rapply(content, function(x) ifelse(is.finite(x), sprintf("@%.17g@", x), "@null@"), classes = "numeric",
         how = "replace")
}

effects <- function(id, source, data, sizes = NULL) {
  keep <- !is.na(data$yi) & !is.na(data$vi)
  list(id = id, source = source, yi = as.numeric(data$yi[keep]), vi = as.numeric(data$vi[keep]),
       n_arm1 = if (is.null(sizes)) NULL else as.numeric(data[[sizes[1]]][keep]),
       n_arm2 = if (is.null(sizes)) NULL else as.numeric(data[[sizes[2]]][keep]))
}

bcg <- escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
smoke <- dat.hackshaw1998
magnesium <- escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.egger2001)
teachers <- dat.raudenbush1985
minors <- dat.bangertdrowns2004

sets <- list(
  effects("bcg", "Colditz et al. 1994, JAMA 271:698-702; log risk ratios", bcg),
  effects("hackshaw", "Hackshaw 1998, Stat Methods Med Res 7:119-136; log odds ratios", smoke),
  effects("magnesium", "Egger et al. 2001, Systematic Reviews in Health Care; log odds ratios", magnesium,
          c("n1i", "n2i")),
  effects("teachers", "Raudenbush and Bryk 1985, J Educ Stat 10:75-98; standardised mean differences", teachers,
          c("n1i", "n2i")),
  effects("writing", "Bangert-Drowns et al. 2004, Rev Educ Res 74:29-58; standardised mean differences", minors)
)

PREDICTORS <- c("sei", "vi")

regressions <- function(one) {
  made <- list()
  for (predictor in PREDICTORS) for (model in c("rma", "lm")) {
    fit <- if (model == "rma") rma(one$yi, one$vi, control = list(threshold = 1e-14, tol = 1e-14, maxiter = 10000,
                                                                 stepadj = .5)) else rma(one$yi, one$vi)
    told <- regtest(fit, model = model, predictor = predictor)
    slope <- if (model == "rma") c(told$fit$beta[2], told$fit$se[2]) else summary(told$fit)$coefficients[2, 1:2]
    made <- c(made, list(list(id = one$id, predictor = predictor, model = model, slope = slope[[1]], se = slope[[2]],
      stat = told$zval, df = if (is.na(told$ddf) || is.null(told$ddf)) NA_real_ else told$ddf, pval = told$pval,
      limit = told$est, limit_lb = told$ci.lb, limit_ub = told$ci.ub)))
  }
  made
}

ranks <- function(one) {
  told <- ranktest(one$yi, one$vi)
  list(id = one$id, tau = told$tau, pval = told$pval)
}

filled <- function(one) {
  do.call(c, lapply(c("L0", "R0"), function(estimator) lapply(c("left", "right"), function(side) {
    fit <- rma(one$yi, one$vi, method = "DL")
    told <- suppressWarnings(trimfill(fit, side = side, estimator = estimator))
    list(id = one$id, estimator = estimator, side = side, k0 = told$k0, estimate = as.numeric(told$beta), se = told$se,
         tau2 = told$tau2)
  })))
}

intervals_of <- function(one, steps, side) {
  p <- pnorm(one$yi / sqrt(one$vi), lower.tail = side == "less")
  as.numeric(table(cut(p, c(0, steps, 1))))
}

# A step needs effects on both sides.
selected <- function(one) {
  grid <- expand.grid(side = c("greater", "less"), steps = I(list(.025, c(.025, .5))), stringsAsFactors = FALSE)
  do.call(c, lapply(seq_len(nrow(grid)), function(i) {
    steps <- grid$steps[[i]]
    side <- grid$side[i]
    if (any(intervals_of(one, steps, side) < 2)) return(list())
    fit <- rma(one$yi, one$vi, method = "ML", control = list(maxiter = 1000))
    told <- suppressWarnings(selmodel(fit, type = "stepfun", steps = steps, alternative = side,
      control = list(optimizer = "Nelder-Mead", reltol = 1e-15, maxit = 20000)))
    list(list(id = one$id, steps = steps, side = side, estimate = as.numeric(told$beta), se = told$se,
         tau2 = told$tau2, delta = as.numeric(told$delta), ll = as.numeric(logLik(told)), lrt = told$LRT,
         lrt_pval = told$LRTp, k = intervals_of(one, steps, side)))
  }))
}

cells_of <- function(data, a, n1, c, n2) {
  list(event_arm1 = as.numeric(data[[a]]), totaln_arm1 = as.numeric(data[[n1]]), event_arm2 = as.numeric(data[[c]]),
       totaln_arm2 = as.numeric(data[[n2]]))
}
bcg_cells <- transform(dat.bcg, n1 = tpos + tneg, n2 = cpos + cneg)
counts <- list(
  c(id = "magnesium", cells_of(subset(dat.egger2001, ai > 0 & ci > 0), "ai", "n1i", "ci", "n2i")),
  c(id = "bcg", cells_of(bcg_cells, "tpos", "n1", "cpos", "n2")),
  c(id = "nielweise", cells_of(subset(dat.nielweise2007, ai > 0 & ci > 0), "ai", "n1i", "ci", "n2i"))
)

# Peters et al. 2006, JAMA 295:676-680: the log odds ratio on 1/n, weighed by the inverse of 1/events + 1/others.
peters <- function(one) with(one, {
  n <- totaln_arm1 + totaln_arm2
  e <- event_arm1 + event_arm2
  y <- log(event_arm1 * (totaln_arm2 - event_arm2) / (event_arm2 * (totaln_arm1 - event_arm1)))
  told <- summary(lm(y ~ I(1 / n), weights = 1 / (1 / e + 1 / (n - e))))$coefficients
  list(id = one$id, test = "peters", slope = told[2, 1], se = told[2, 2], pval = told[2, 4])
})

# Harbord et al. 2006, Stat Med 25:3443-3457: Z/V on 1/sqrt(V), weighed by V.
harbord <- function(one) with(one, {
  n <- totaln_arm1 + totaln_arm2
  e <- event_arm1 + event_arm2
  Z <- event_arm1 - totaln_arm1 * e / n
  V <- totaln_arm1 * totaln_arm2 * e * (n - e) / (n^2 * (n - 1))
  told <- summary(lm(I(Z / V) ~ I(1 / sqrt(V)), weights = V))$coefficients
  list(id = one$id, test = "harbord", slope = told[2, 1], se = told[2, 2], pval = told[2, 4])
})

main <- function(output) {
  content <- list(
    made_by = list(script = "tests/reference/small_study.R", R = as.character(getRversion()),
                   metafor = as.character(packageVersion("metafor"))),
    sets = sets, counts = counts,
    regressions = do.call(c, lapply(sets, regressions)),
    ranks = lapply(sets, ranks),
    filled = do.call(c, lapply(sets, filled)),
    selected = do.call(c, lapply(sets, selected)),
    of_counts = c(lapply(counts, peters), lapply(counts, harbord))
  )
  text <- toJSON(all_digits(content), auto_unbox = TRUE, null = "null")
  writeLines(gsub("},{", "},\n{", gsub('"@([^@"]*)@"', "\\1", text), fixed = TRUE), output)
}

arguments <- commandArgs(trailingOnly = TRUE)
script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
here <- dirname(gsub("~+~", " ", script, fixed = TRUE)) # Rscript writes a space in a path so
main(if (length(arguments)) arguments[1] else file.path(here, "small_study.json"))
