# Reference values for tests/synthesis/test_asymmetry.py and test_preference.py: regression and rank tests, trim and
# fill and step-function selection models by metafor, the tests of Peters and Harbord by lm, regressions of nested
# effects and preferred results with CR2 by clubSandwich.
# Usage: Rscript small_study.R [output.json [n]]   (default: small_study.json beside this script; with n, every n-th set)

suppressPackageStartupMessages({
  library(metafor)
  library(clubSandwich)
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
  effects("writing", "Bangert-Drowns et al. 2004, Rev Educ Res 74:29-58; standardised mean differences", minors),
  effects("adherence", "Molloy et al. 2014, Ann Behav Med 47:53-64; Fisher's z",
          escalc("ZCOR", ri = ri, ni = ni, data = dat.molloy2014)),
  effects("hypericum", "Linde et al. 2005, Br J Psychiatry 186:99-107; log risk ratios",
          escalc("RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.linde2005), c("n1i", "n2i")),
  effects("infarction", "Li et al. 2007, Cochrane Database Syst Rev CD002755; log odds ratios",
          escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.li2007), c("n1i", "n2i")),
  effects("nausea", "Lee and Done 2004, Cochrane Database Syst Rev CD003281; log risk ratios",
          escalc("RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.lee2004), c("n1i", "n2i"))
)

# Several effects a study, each with its study, for the regression with CR2 standard errors.
several <- function(id, source, data, study) {
  keep <- !is.na(data$yi) & !is.na(data$vi)
  list(id = id, source = source, yi = as.numeric(data$yi[keep]), vi = as.numeric(data$vi[keep]),
       study = as.character(data[[study]][keep]))
}
nested <- list(
  several("schools", "Konstantopoulos 2011, Res Synth Methods 2:61-76", dat.konstantopoulos2011, "district"),
  several("delinquency", "Assink and Wibbelink 2016, Quant Methods Psychol 12:154-174", dat.assink2016, "study"),
  several("coaching", "Kalaian and Raudenbush 1996, Psychol Methods 1:227-235", dat.kalaian1996, "study"),
  several("attendance", "Credé et al. 2010, Rev Educ Res 80:272-295",
          escalc("ZCOR", ri = ri, ni = ni, data = dat.crede2010), "studyid"),
  several("planning", "Knapp et al. 2017, Schizophr Bull 43:1290-1297", dat.knapp2017, "study"),
  several("users", "Tanner-Smith et al. 2016, J Subst Abuse Treat 65:5-12", dat.tannersmith2016, "studyid"),
  several("anxiety", "Craft et al. 2003, J Sport Exerc Psychol 25:44-65",
          escalc("ZCOR", ri = ri, ni = ni, data = subset(dat.craft2003, !is.na(ri))), "study"),
  several("awareness", "Bakdash et al. 2021, Psychol Bull 147:1-33; the first 120 effects",
          with(dat.bakdash2021, data.frame(yi = es.z, vi = vi.z, study = SampleID))[1:120, ], "study")
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

# The tests of the panel: the mixed model with Knapp and Hartung's standard errors.
hartung <- function(one) {
  x <- if (is.null(one$n_arm1)) sqrt(one$vi) else sqrt(1 / one$n_arm1 + 1 / one$n_arm2)
  fit <- rma(one$yi, one$vi, mods = ~ x, test = "knha",
             control = list(threshold = 1e-14, tol = 1e-14, maxiter = 10000, stepadj = .5))
  list(id = one$id, slope = fit$beta[2], se = fit$se[2], df = fit$ddf[1], pval = fit$pval[2], limit = fit$beta[1],
       limit_lb = fit$ci.lb[1], limit_ub = fit$ci.ub[1])
}

clustered <- function(one) {
  data <- data.frame(yi = one$yi, vi = one$vi, study = one$study, x = sqrt(one$vi), row = seq_along(one$yi))
  # Under some releases of R one of the two does not converge.
  controls <- list(list(iter.max = 5000, eval.max = 5000, rel.tol = 1e-10),
                   list(optimizer = "Nelder-Mead", reltol = 1e-14, maxit = 10000))
  fits <- lapply(controls, function(control) try(silent = TRUE,
    rma.mv(yi, vi, mods = ~ x, random = ~ 1 | study / row, data = data, control = control)))
  fits <- Filter(function(fit) !inherits(fit, "try-error"), fits)
  fit <- fits[[which.max(vapply(fits, function(fit) as.numeric(logLik(fit)), 0))]]
  told <- conf_int(fit, vcov = "CR2", cluster = data$study, p_values = TRUE)
  list(id = one$id, slope = told$beta[2], se = told$SE[2], df = told$df[2], pval = told$p_val[2],
       limit = told$beta[1], limit_lb = told$CI_L[1], limit_ub = told$CI_U[1])
}

# Mathur and VanderWeele 2020, JRSS C 69:1091-1119: with a preference of eta for affirmative results the others count
# eta times; the interval by CR2, tau2 that of all results.
preferred <- function(one, side = "greater") {
  sign <- if (side == "less") -1 else 1
  y <- sign * one$yi
  study <- if (is.null(one$study)) seq_along(y) else one$study
  affirmative <- y / sqrt(one$vi) > qnorm(.975)
  if (all(affirmative) || !any(affirmative)) return(list())
  total <- one$vi + rma(one$yi, one$vi, control = list(threshold = 1e-14, maxiter = 10000, stepadj = .5))$tau2
  at <- function(eta) {
    data <- data.frame(y = y, w = ifelse(affirmative, 1, eta) / total)
    conf_int(lm(y ~ 1, weights = w, data = data), vcov = "CR2", cluster = study, target = total)
  }
  mean_at <- function(log_eta) weighted.mean(y, ifelse(affirmative, 1, exp(log_eta)) / total)
  root <- function(f) {
    if (f(0) <= 0) return(1)
    grid <- seq(0, log(1e6), length.out = 49)
    below <- which(vapply(grid, f, 0) <= 0)
    if (!length(below)) return(NA_real_)
    exp(uniroot(f, grid[below[1] - 1:0], tol = 1e-12)$root)
  }
  five <- at(5)
  rest <- rma(one$yi[!affirmative], one$vi[!affirmative], test = "knha",
              control = list(threshold = 1e-14, maxiter = 10000, stepadj = .5))
  list(list(id = one$id, side = side, affirmative = sum(affirmative), mean_5 = five$beta, se_5 = five$SE, df_5 = five$df,
       for_estimate = root(mean_at), for_bound = root(function(log_eta) at(exp(log_eta))$CI_L),
       worst = as.numeric(rest$beta), worst_lb = rest$ci.lb, worst_ub = rest$ci.ub))
}

# Mathur and VanderWeele 2019, Stat Med 38:1336-1342 (the share), and Copas and Jackson 2004, Biometrics 60:146-153.
beyond <- function(one) {
  fit <- rma(one$yi, one$vi, test = "knha", control = list(threshold = 1e-14, maxiter = 10000, stepadj = .5))
  if (fit$tau2 <= 0) return(list())
  lapply(c(0, .2, -.2), function(q) {
    z <- (fit$beta[1] - q) / sqrt(fit$tau2)
    error <- sqrt(fit$se^2 / fit$tau2 + (fit$beta[1] - q)^2 * fit$se.tau2^2 / (4 * fit$tau2^3))
    list(id = one$id, threshold = q, se_tau2 = fit$se.tau2, share = pnorm(z), lb = pnorm(z - qnorm(.975) * error),
         ub = pnorm(z + qnorm(.975) * error))
  })
}

bias <- function(one) {
  tau2 <- rma(one$yi, one$vi, control = list(threshold = 1e-14, maxiter = 10000, stepadj = .5))$tau2
  s <- sqrt(one$vi + tau2)
  lapply(c(1, 5, length(s)), function(m) {
    p <- length(s) / (length(s) + m)
    list(id = one$id, tau2 = tau2, unpublished = m, largest = dnorm(qnorm(p)) / p * sum(1 / s) / sum(1 / s^2))
  })
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
    how <- list(optimizer = "Nelder-Mead", reltol = 1e-15, maxit = 20000)
    near <- c(how, list(beta.init = 0, tau2.init = 1e-4, delta.init = c(1, rep(.05, length(steps)))))
    # The likelihood can have two maxima; the higher of those from two starts is stored.
    found <- lapply(list(how, near), function(control) tryCatch(
      suppressWarnings(selmodel(fit, type = "stepfun", steps = steps, alternative = side, control = control)),
      error = function(e) NULL))
    found <- Filter(Negate(is.null), found)
    told <- found[[which.max(vapply(found, function(one) as.numeric(logLik(one)), 0))]]
    list(list(id = one$id, steps = steps, side = side, estimate = as.numeric(told$beta), se = told$se,
         tau2 = told$tau2, delta = as.numeric(told$delta), ll = as.numeric(logLik(told)), lrt = told$LRT,
         lrt_pval = told$LRTp, k = intervals_of(one, steps, side)))
  }))
}

# The studies that have an odds ratio of their own.
cells_of <- function(id, data, a, n1, c, n2) {
  data <- data[complete.cases(data[c(a, n1, c, n2)]), ]
  data <- data[data[[a]] > 0 & data[[c]] > 0 & data[[a]] < data[[n1]] & data[[c]] < data[[n2]], ]
  list(id = id, event_arm1 = as.numeric(data[[a]]), totaln_arm1 = as.numeric(data[[n1]]),
       event_arm2 = as.numeric(data[[c]]), totaln_arm2 = as.numeric(data[[n2]]))
}
counts <- list(
  cells_of("magnesium", dat.egger2001, "ai", "n1i", "ci", "n2i"),
  cells_of("bcg", transform(dat.bcg, n1 = tpos + tneg, n2 = cpos + cneg), "tpos", "n1", "cpos", "n2"),
  cells_of("nielweise", dat.nielweise2007, "ai", "n1i", "ci", "n2i"),
  cells_of("hypericum", dat.linde2005, "ai", "n1i", "ci", "n2i"),
  cells_of("infarction", dat.li2007, "ai", "n1i", "ci", "n2i"),
  cells_of("nausea", dat.lee2004, "ai", "n1i", "ci", "n2i"),
  cells_of("otitis", dat.laopaiboon2015, "ai", "n1i", "ci", "n2i"),
  cells_of("infections", dat.damico2009, "xt", "nt", "xc", "nc")
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

main <- function(output, every = 1) {
  of <- function(all) all[seq(1, length(all), by = every)]
  sets <- of(sets)
  nested <- of(nested)
  counts <- of(counts)
  content <- list(
    made_by = list(script = "tests/reference/small_study.R", R = as.character(getRversion()),
                   metafor = as.character(packageVersion("metafor"))),
    sets = sets, counts = counts, nested = nested,
    hartung = lapply(sets, hartung),
    clustered = lapply(nested, clustered),
    preferred = do.call(c, c(lapply(sets, preferred), lapply(sets, preferred, "less"), lapply(nested, preferred))),
    beyond = do.call(c, lapply(sets, beyond)),
    bias = do.call(c, lapply(sets, bias)),
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
main(if (length(arguments)) arguments[1] else file.path(here, "small_study.json"),
     if (length(arguments) > 1) as.integer(arguments[2]) else 1)
