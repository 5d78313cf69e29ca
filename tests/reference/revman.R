# Reference values for tests/exchange/test_revman_methods.py: the methods of RevMan, computed by metafor.
# Run: Rscript tests/reference/revman.R [output.json]   (default: revman.json beside this script)
#
# rma.mh adds one half to the cells of a study with an empty one, for its own effect and for the pooled one, as RevMan
# does. The random-effects Mantel-Haenszel model is rma() with the tau2 that DerSimonian and Laird's formula gives
# of the Q of rma.mh. SMDs are those of Deeks and Higgins 2010 (Statistical algorithms in Review Manager 5), typed here.

suppressPackageStartupMessages({
  library(metafor)
  library(jsonlite)
})

SEED <- 20240611
CELLS <- c("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")

published_events <- function() list(
  with(dat.bcg, list(id = "bcg", event_arm1 = tpos, totaln_arm1 = tpos + tneg, event_arm2 = cpos, totaln_arm2 = cpos + cneg)),
  with(dat.nielweise2007, list(id = "nielweise2007", event_arm1 = ai, totaln_arm1 = n1i, event_arm2 = ci, totaln_arm2 = n2i)),
  with(dat.hine1989, list(id = "hine1989", event_arm1 = ai, totaln_arm1 = n1i, event_arm2 = ci, totaln_arm2 = n2i)),
  with(dat.li2007, list(id = "li2007", event_arm1 = ai, totaln_arm1 = n1i, event_arm2 = ci, totaln_arm2 = n2i))
)

draw_events <- function(number) {
  repeat {
    k <- sample(3:15, 1)
    n1 <- sample(8:150, k, replace = TRUE); n2 <- sample(8:150, k, replace = TRUE)
    rate <- runif(1, .01, .4)
    a <- rbinom(k, n1, pmin(rate * exp(rnorm(1, 0, .5)), .8)); c <- rbinom(k, n2, rate)
    if (all(a < n1) && all(c < n2) && sum(a) > 0 && sum(c) > 0 && sum(a > 0 | c > 0) > 1) break
  }
  list(id = sprintf("events%02d", number), event_arm1 = a, totaln_arm1 = n1, event_arm2 = c, totaln_arm2 = n2)
}

figures <- function(fit, Q, Qp, k) list(k = k, estimate = c(fit$beta), se = c(fit$se), ci_lb = c(fit$ci.lb),
  ci_ub = c(fit$ci.ub), z = abs(c(fit$zval)), pval = c(fit$pval), tau2 = if (is.null(fit$tau2)) 0 else fit$tau2,
  Q = Q, df = k - 1, Q_pval = Qp)

of_events <- function(set) {
  s <- as.data.frame(set[CELLS])
  made <- list()
  keep <- function(measure, weighting, random, values)
    made[[length(made) + 1]] <<- c(list(set = set$id, measure = measure, weighting = weighting, random = random), values)
  for (measure in c("OR", "RR")) {
    mh <- rma.mh(ai = event_arm1, n1i = totaln_arm1, ci = event_arm2, n2i = totaln_arm2, data = s, measure = measure,
                 add = c(1/2, 1/2), to = c("only0", "only0"), drop00 = c(TRUE, TRUE), correct = FALSE)
    keep(measure, "MH", FALSE, figures(mh, mh$QE, mh$QEp, mh$k.yi))
    own <- escalc(measure, ai = event_arm1, n1i = totaln_arm1, ci = event_arm2, n2i = totaln_arm2, data = s,
                  add = 1/2, to = "only0", drop00 = TRUE)
    own <- own[!is.na(own$yi), ]
    w <- 1 / own$vi
    tau2 <- max(0, (mh$QE - (nrow(own) - 1)) / (sum(w) - sum(w^2) / sum(w)))
    random <- rma(yi, vi, data = own, tau2 = tau2, method = "DL")
    random$tau2 <- tau2
    keep(measure, "MH", TRUE, figures(random, mh$QE, mh$QEp, nrow(own)))
    fixed <- rma(yi, vi, data = own, method = "FE")
    keep(measure, "IV", FALSE, figures(fixed, fixed$QE, fixed$QEp, fixed$k))
    dl <- rma(yi, vi, data = own, method = "DL")
    keep(measure, "IV", TRUE, figures(dl, dl$QE, dl$QEp, dl$k))
  }
  peto <- rma.peto(ai = event_arm1, n1i = totaln_arm1, ci = event_arm2, n2i = totaln_arm2, data = s,
                   add = 0, to = "none", drop00 = TRUE)
  keep("PETO_OR", "PETO", FALSE, figures(peto, peto$QE, peto$QEp, peto$k.yi))
  if (all(s$event_arm1 > 0 & s$event_arm2 > 0)) {
    rd <- rma.mh(ai = event_arm1, n1i = totaln_arm1, ci = event_arm2, n2i = totaln_arm2, data = s, measure = "RD")
    values <- figures(rd, rd$QE, rd$QEp, rd$k.yi)
    # RevMan takes the variance of Greenland and Robins 1985, metafor that of Sato 1989.
    keep("RD", "MH", FALSE, values[c("k", "estimate", "Q", "df", "Q_pval")])
  }
  made
}

published_means <- function() list(
  with(dat.normand1999, list(id = "normand1999", mean_arm1 = m1i, sd_arm1 = sd1i, n_arm1 = n1i,
                             mean_arm2 = m2i, sd_arm2 = sd2i, n_arm2 = n2i))
)

draw_means <- function(number) {
  k <- sample(2:12, 1)
  list(id = sprintf("means%02d", number), mean_arm1 = round(rnorm(k, 10, 2), 2), sd_arm1 = round(runif(k, 1, 5), 2),
       n_arm1 = sample(4:80, k, replace = TRUE), mean_arm2 = round(rnorm(k, 11, 2), 2),
       sd_arm2 = round(runif(k, 1, 5), 2), n_arm2 = sample(4:80, k, replace = TRUE))
}

of_means <- function(set) {
  s <- as.data.frame(set[-1])
  N <- s$n_arm1 + s$n_arm2
  pooled <- sqrt(((s$n_arm1 - 1) * s$sd_arm1^2 + (s$n_arm2 - 1) * s$sd_arm2^2) / (N - 2))
  g <- (s$mean_arm1 - s$mean_arm2) / pooled * (1 - 3 / (4 * N - 9))
  own <- list(
    SMD = data.frame(yi = g, vi = N / (s$n_arm1 * s$n_arm2) + g^2 / (2 * (N - 3.94))),
    MD = as.data.frame(escalc("MD", m1i = mean_arm1, sd1i = sd_arm1, n1i = n_arm1,
                              m2i = mean_arm2, sd2i = sd_arm2, n2i = n_arm2, data = s))
  )
  made <- list()
  for (measure in names(own)) for (random in c(FALSE, TRUE)) {
    fit <- rma(own[[measure]]$yi, own[[measure]]$vi, method = if (random) "DL" else "FE")
    made[[length(made) + 1]] <- c(list(set = set$id, measure = measure, weighting = "IV", random = random),
                                  figures(fit, fit$QE, fit$QEp, fit$k))
  }
  made
}

numeric_set <- function(set) c(set[1], lapply(set[-1], as.numeric))

arguments <- commandArgs(trailingOnly = TRUE)
script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
output <- if (length(arguments)) arguments[1] else file.path(dirname(script), "revman.json")
set.seed(SEED)
events <- lapply(c(published_events(), lapply(1:20, draw_events)), numeric_set)
means <- lapply(c(published_means(), lapply(1:15, draw_means)), numeric_set)
write_json(list(
  versions = list(R = paste(R.version$major, R.version$minor, sep = "."), metafor = as.character(packageVersion("metafor"))),
  seed = SEED, events = events, means = means,
  results = c(do.call(c, lapply(events, of_events)), do.call(c, lapply(means, of_means)))
), output, auto_unbox = TRUE, digits = I(17), pretty = 1)
