# Reference values for tests/synthesis/test_bayes_normal.py: Bayesian random effects with a normal prior of the mean.
# Usage: Rscript bayes.R [output.json [n]]   (default: bayes.json beside this script; with n, every n-th set)
#
# Base R alone: the density of mu and tau together on a grid, by Simpson's rule in both directions and without a
# formula of the marginal likelihood. tau is s z for a half-normal prior of scale s, and s tan(z) for a half-Cauchy one.

suppressPackageStartupMessages({
  library(metafor)
  library(jsonlite)
})

simpson <- function(low, high, points) {
  weights <- rep(2, points)
  weights[seq(2, points - 1, by = 2)] <- 4
  weights[c(1, points)] <- 1
  list(x = seq(low, high, length.out = points), w = weights * (high - low) / (points - 1) / 3)
}

set_of <- function(id, source, data, m, s, scale) {
  kept <- !is.na(data$yi) & !is.na(data$vi)
  list(id = id, source = source, yi = as.numeric(data$yi)[kept], vi = as.numeric(data$vi)[kept], mean = m, sd = s,
       scale = scale)
}

sets <- function() list(
  set_of("bcg", "Colditz et al. 1994, JAMA 271:698-702; log risk ratios",
         escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg), 0, 4, .5),
  set_of("hine1989", "Hine et al. 1989, Ann Emerg Med 18:1066-1072; risk differences",
         escalc("RD", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.hine1989), 0, .1, .05),
  set_of("normand1999", "Normand 1999, Stat Med 18:321-359; standardised mean differences",
         escalc("SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999),
         0, 1, .5),
  set_of("raudenbush1985", "Raudenbush and Bryk 1985, J Educ Stat 10:75-98", dat.raudenbush1985, 0, 1, .3),
  set_of("linde2005", "Linde et al. 2005, Br J Psychiatry 186:99-107; log risk ratios",
         escalc("RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.linde2005, add = 0), .5, .25, .5),
  set_of("li2007", "Li et al. 2007, Cochrane Database Syst Rev CD002755; log odds ratios",
         escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.li2007), 0, 2.82, .5),
  set_of("molloy2014", "Molloy et al. 2014, Ann Behav Med 47:331-341; Fisher z",
         escalc("ZCOR", ri = ri, ni = ni, data = dat.molloy2014), 0, .5, .2),
  set_of("hackshaw1998", "Hackshaw 1998, Stat Methods Med Res 7:117-136; log odds ratios", dat.hackshaw1998, 0, 1, .2),
  set_of("nielweise2007", "Niel-Weise et al. 2007, J Antimicrob Chemother 59:359-369; log odds ratios of three trials",
         escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.nielweise2007)[1:3, ], -1, .3, 1)
)

results_of <- function(set, family) {
  z <- if (family == "half_normal") simpson(0, 12, 2001) else simpson(0, pi / 2, 4001)
  if (family == "half_cauchy") { z$x <- z$x[-4001]; z$w <- z$w[-4001] }
  tau <- set$scale * (if (family == "half_normal") z$x else tan(z$x))
  prior <- z$w * (if (family == "half_normal") sqrt(2 / pi) * exp(-z$x^2 / 2) else 2 / pi)
  mu <- simpson(set$mean - 14 * set$sd, set$mean + 14 * set$sd, 3001)
  centre <- sum(set$yi / set$vi) / sum(1 / set$vi)
  sds <- sqrt(1 / sum(1 / (set$vi + set$scale^2)))
  near <- simpson(max(min(mu$x), centre - 60 * sds), min(max(mu$x), centre + 60 * sds), 3001)
  if (diff(range(near$x)) < diff(range(mu$x))) mu <- near
  w <- outer(tau^2, set$vi, function(t2, v) 1 / (t2 + v))
  y <- set$yi - centre
  x <- mu$x - centre
  Q <- outer(rowSums(w), x^2) - 2 * outer(as.numeric(w %*% y), x) + as.numeric(w %*% y^2)
  logs <- rowSums(log(w)) / 2 - length(y) / 2 * log(2 * pi) - Q / 2
  logs <- logs + rep(dnorm(mu$x, set$mean, set$sd, log = TRUE), each = length(tau))
  highest <- max(logs)
  joint <- exp(logs - highest) * outer(prior, mu$w)
  whole <- sum(joint)
  p <- joint / whole
  of_mu <- colSums(p)
  of_tau <- rowSums(p)
  mean <- sum(of_mu * x)
  tau_mean <- sum(of_tau * tau)
  list(set = set$id, family = family, log_marginal = log(whole) + highest, mu_mean = centre + mean,
       mu_sd = sqrt(sum(of_mu * (x - mean)^2)), tau_mean = tau_mean, tau_sd = sqrt(sum(of_tau * (tau - tau_mean)^2)),
       new_sd = sqrt(sum(p * (outer(tau^2, x^2, `+`))) - mean^2),
       first_mean = centre + sum(p * outer(tau, x, function(t, m) (set$vi[1] * m + t^2 * y[1]) / (set$vi[1] + t^2))))
}

# Rubin 1981 (J Educ Stat 6:377-401): what the vignette of bayesmeta (Roever 2020, J Stat Softw 93(6)) prints for a
# normal prior of the mean (0, SD 50) and a half-Cauchy one of scale 25.
printed <- list(
  yi = c(28.39, 7.94, -2.75, 6.82, -0.64, 0.63, 18.01, 12.16),
  sei = c(14.9, 10.2, 16.3, 11.0, 9.4, 11.4, 10.4, 17.6), mean = 0, sd = 50, scale = 25,
  tau = list(median = 4.758539, mean = 5.884511, sd = 4.869904),
  mu = list(median = 7.962961, mean = 7.985729, sd = 4.995762)
)

# jsonlite stops at 15 digits, which would not give back the same doubles.
all_digits <- function(content) {
  rapply(content, function(x) ifelse(is.finite(x), sprintf("@%.17g@", x), "@null@"),
         classes = c("numeric", "integer"), how = "replace")
}

main <- function(output, every = 1) {
  taken <- sets()
  taken <- taken[seq(1, length(taken), by = every)]
  content <- list(
    made_by = list(script = "tests/reference/bayes.R", R = as.character(getRversion()),
                   metafor = as.character(packageVersion("metafor")),
                   metadat = as.character(packageVersion("metadat"))),
    sets = taken, printed = printed,
    fits = unlist(lapply(taken, function(set) lapply(c("half_normal", "half_cauchy"), function(family)
      results_of(set, family))), recursive = FALSE))
  text <- toJSON(all_digits(content), auto_unbox = TRUE, null = "null")
  text <- gsub('"@([^@"]*)@"', "\\1", text)
  writeLines(gsub("},{", "},\n{", text, fixed = TRUE), output)
}

arguments <- commandArgs(trailingOnly = TRUE)
script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
here <- dirname(gsub("~+~", " ", script, fixed = TRUE)) # Rscript writes a space in a path so
main(if (length(arguments)) arguments[1] else file.path(here, "bayes.json"),
     if (length(arguments) > 1) as.integer(arguments[2]) else 1)
