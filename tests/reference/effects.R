# Reference values of effect sizes for tests/effects/test_measures.py, from metafor's escalc (vtype "LS", add = 0).
# Run: Rscript tests/reference/effects.R [output.json]   (default: effects.json beside this script)
#
# 40 random rows a measure and edge cases behind them; every row holds its own figures under taprev's names.
# PPC (Morris 2008) and the means and SDs of medians (Luo 2018, Wan 2014; Shi 2023 for skewness) are not in
# metafor 3.8.1 and are computed here from the published formulas. metafor's J loses digits in large samples
# (a difference of two lgamma), so measures with J have at most 800 people here; the test has mpmath beyond that.

suppressPackageStartupMessages({
  library(metafor)
  library(jsonlite)
})

ROWS <- 40

values <- function(...) {
  es <- suppressWarnings(escalc(..., vtype = "LS", append = FALSE))
  data.frame(yi = as.numeric(es$yi), vi = as.numeric(es$vi))
}
bounded <- function(...) {  # measures of counts, where nothing is added to a cell
  es <- suppressWarnings(escalc(..., add = 0, to = "none", drop00 = FALSE))
  data.frame(yi = as.numeric(es$yi), vi = as.numeric(es$vi))
}
# metafor 3.8.1 multiplies the variances of SMDH and SMCRH by J^2, which later releases and Bonett (2009, 2008) do not.
unmultiplied <- function(effects, df) {
  J <- exp(lgamma(df / 2) - log(sqrt(df / 2)) - lgamma((df - 1) / 2))
  if (packageVersion("metafor") < "4.6") transform(effects, vi = vi / J^2) else effects
}
# Before 4.6 metafor divided the variance of SMD1H by n, since then as Bonett (2008) by n - 1.
smd1h <- function(a) {
  effects <- values("SMD1H", m1i = a$mean_arm1, sd1i = a$sd_arm1, n1i = a$n_arm1,
                    m2i = a$mean_arm2, sd2i = a$sd_arm2, n2i = a$n_arm2)
  bonett <- a$sd_arm1^2 / a$sd_arm2^2 / (a$n_arm1 - 1) + (1 + effects$yi^2 / 2) / (a$n_arm2 - 1)
  if (packageVersion("metafor") < "4.6") transform(effects, vi = bonett) else effects
}
finite <- function(rows) rows[is.finite(rows$yi) & is.finite(rows$vi) & rows$vi > 0, ]

draw_people <- function(k) sample(c(2:12, 20:400), k, replace = TRUE)

draw_arms <- function() {
  k <- ROWS
  random <- data.frame(
    mean_arm1 = round(rnorm(k, 50, 10), 2), sd_arm1 = round(runif(k, .5, 20), 2), n_arm1 = draw_people(k),
    mean_arm2 = round(rnorm(k, 45, 10), 2), sd_arm2 = round(runif(k, .5, 20), 2), n_arm2 = draw_people(k))
  edges <- data.frame(
    mean_arm1 = c(5, 5, 1e-6, 1e6, 1.0000001, 3, 7.5, 12), sd_arm1 = c(1, 1e-6, 1e-7, 1e5, 1, 1e4, 2, 2),
    n_arm1 = c(2, 3, 50, 50, 90, 20, 2, 200),
    mean_arm2 = c(5, 4, 2e-6, 1e6, 1, 2, 7.5, 3), sd_arm2 = c(1, 1e6, 1e-7, 1e4, 1, 1e-4, 3, 2),
    n_arm2 = c(2, 3, 40, 60, 90, 20, 3, 2))
  rbind(random, edges)
}

with_large_groups <- function(a) rbind(a, transform(head(a, 8), n_arm1 = n_arm1 * 1e5, n_arm2 = n_arm2 * 1e5))

means_of_groups <- function(a, wide = with_large_groups(a)) list(
  MD = cbind(wide, values("MD", m1i = wide$mean_arm1, sd1i = wide$sd_arm1, n1i = wide$n_arm1,
                          m2i = wide$mean_arm2, sd2i = wide$sd_arm2, n2i = wide$n_arm2)),
  SMD = cbind(a, values("SMD", m1i = a$mean_arm1, sd1i = a$sd_arm1, n1i = a$n_arm1,
                        m2i = a$mean_arm2, sd2i = a$sd_arm2, n2i = a$n_arm2)),
  SMDH = cbind(a, unmultiplied(values("SMDH", m1i = a$mean_arm1, sd1i = a$sd_arm1, n1i = a$n_arm1,
                                      m2i = a$mean_arm2, sd2i = a$sd_arm2, n2i = a$n_arm2),
                               a$n_arm1 + a$n_arm2 - 2)),
  SMD1 = finite(cbind(a[names(a) != "sd_arm1"], values("SMD1", m1i = a$mean_arm1, sd1i = a$sd_arm1, n1i = a$n_arm1,
                                                        m2i = a$mean_arm2, sd2i = a$sd_arm2, n2i = a$n_arm2))),
  SMD1H = finite(cbind(a, smd1h(a))),
  D2ORL = cbind(a, values("D2ORL", m1i = a$mean_arm1, sd1i = a$sd_arm1, n1i = a$n_arm1,
                          m2i = a$mean_arm2, sd2i = a$sd_arm2, n2i = a$n_arm2)),
  D2ORN = cbind(a, values("D2ORN", m1i = a$mean_arm1, sd1i = a$sd_arm1, n1i = a$n_arm1,
                          m2i = a$mean_arm2, sd2i = a$sd_arm2, n2i = a$n_arm2)),
  ROM = cbind(wide, values("ROM", m1i = wide$mean_arm1, sd1i = wide$sd_arm1, n1i = wide$n_arm1,
                           m2i = wide$mean_arm2, sd2i = wide$sd_arm2, n2i = wide$n_arm2)),
  MN = cbind(wide[1:3], values("MN", mi = wide$mean_arm1, sdi = wide$sd_arm1, ni = wide$n_arm1)),
  SMD_t = {
    t <- c(round(rnorm(ROWS, 0, 3), 3), 0, 1e-8, 200, -40, 2, 2, -2, 1)
    cbind(a[c("n_arm1", "n_arm2")], t = t, values("SMD", ti = t, n1i = a$n_arm1, n2i = a$n_arm2))
  }
)

draw_pairs <- function() {
  edges <- data.frame(mean_arm1 = c(10, 10, 10, 3, 1e5), sd_arm1 = c(2, 2, 2, 1, 3e4),
                      mean_arm2 = c(9, 9, 9, 3, 1e5 + 5), sd_arm2 = c(2.5, 2, 2, 9, 2e4),
                      n_arm1 = c(3, 30, 30, 25, 200), r_pre_post = c(.99, -.99, .99, 0, .5))
  k <- ROWS
  random <- data.frame(
    mean_arm1 = round(rnorm(k, 50, 10), 2), sd_arm1 = round(runif(k, .5, 20), 2),
    mean_arm2 = round(rnorm(k, 45, 10), 2), sd_arm2 = round(runif(k, .5, 20), 2),
    n_arm1 = draw_people(k) + 1, r_pre_post = round(runif(k, -.3, .95), 2))
  rbind(random, edges)
}

# metafor standardises SMCR by sd1i, so that its first mean is the one before; the sign is turned back.
changes_of_pairs <- function(p) list(
  SMCR = cbind(p[names(p) != "sd_arm1"], {
    v <- values("SMCR", m1i = p$mean_arm2, sd1i = p$sd_arm2, m2i = p$mean_arm1, ni = p$n_arm1, ri = p$r_pre_post)
    v$yi <- -v$yi
    v
  }),
  SMCRH = cbind(p, {
    v <- values("SMCRH", m1i = p$mean_arm2, sd1i = p$sd_arm2, m2i = p$mean_arm1, sd2i = p$sd_arm1, ni = p$n_arm1,
                ri = p$r_pre_post)
    unmultiplied(transform(v, yi = -yi), p$n_arm1 - 1)
  }),
  ROMC = cbind(p, values("ROMC", m1i = p$mean_arm1, sd1i = p$sd_arm1, m2i = p$mean_arm2, sd2i = p$sd_arm2,
                         ni = p$n_arm1, ri = p$r_pre_post)),
  SMCC = cbind(p, values("SMCC", m1i = p$mean_arm1, sd1i = p$sd_arm1, m2i = p$mean_arm2, sd2i = p$sd_arm2,
                         ni = p$n_arm1, ri = p$r_pre_post)),
  MC = {
    es <- escalc("MC", m1i = p$mean_arm1, sd1i = p$sd_arm1, m2i = p$mean_arm2, sd2i = p$sd_arm2,
                 ni = p$n_arm1, ri = p$r_pre_post)
    cbind(p, yi = as.numeric(es$yi), vi = as.numeric(es$vi))
  }
)

# Change scores of two groups: the SMD of the changes; of one group: an SMCR with the SD of changes, whose yi does
# not depend on r. Both are brought to raw scores by f = sqrt(2 (1 - r)).
change_scores <- function(a) {
  r <- round(runif(nrow(a), -.3, .95), 2)
  f <- sqrt(2 * (1 - r))
  d <- values("SMD", m1i = a$mean_arm1, sd1i = a$sd_arm1, n1i = a$n_arm1,
              m2i = a$mean_arm2, sd2i = a$sd_arm2, n2i = a$n_arm2)
  yi <- d$yi * f
  vi <- f^2 * (1 / a$n_arm1 + 1 / a$n_arm2) + yi^2 / (2 * (a$n_arm1 + a$n_arm2))
  names(a) <- sub("^(mean|sd)_", "\\1_change_", names(a))
  one <- a[a$n_arm1 > 2, ]
  g <- values("SMCR", m1i = one$mean_change_arm1, m2i = rep(0, nrow(one)), sd1i = one$sd_change_arm1,
              ni = one$n_arm1, ri = rep(0, nrow(one)))$yi * f[a$n_arm1 > 2]
  ro <- r[a$n_arm1 > 2]
  list(SMD_change = cbind(a, r_pre_post = r, yi = yi, vi = vi),
       SMCR_change = cbind(one[1:3], r_pre_post = ro, yi = g, vi = 2 * (1 - ro) / one$n_arm1 + g^2 / (2 * one$n_arm1)))
}

# d_ppc2 of Morris 2008: two SMCR of each arm by the pooled SD before, J taken back and put on at n1 + n2 - 2.
pre_post_control <- function() {
  k <- ROWS
  p <- data.frame(
    mean_post_arm1 = round(rnorm(k, 50, 10), 2), mean_pre_arm1 = round(rnorm(k, 42, 8), 2),
    sd_pre_arm1 = round(runif(k, 2, 15), 2), n_arm1 = draw_people(k) + 1,
    mean_post_arm2 = round(rnorm(k, 45, 10), 2), mean_pre_arm2 = round(rnorm(k, 42, 8), 2),
    sd_pre_arm2 = round(runif(k, 2, 15), 2), n_arm2 = draw_people(k) + 1, r_pre_post = round(runif(k, -.5, .99), 2))
  df <- p$n_arm1 + p$n_arm2 - 2
  sd <- sqrt(((p$n_arm1 - 1) * p$sd_pre_arm1^2 + (p$n_arm2 - 1) * p$sd_pre_arm2^2) / df)
  one <- values("SMCR", m1i = p$mean_post_arm1, m2i = p$mean_pre_arm1, sd1i = sd, ni = p$n_arm1, ri = p$r_pre_post)
  two <- values("SMCR", m1i = p$mean_post_arm2, m2i = p$mean_pre_arm2, sd1i = sd, ni = p$n_arm2, ri = p$r_pre_post)
  J <- metafor:::.cmicalc
  yi <- J(df) * (one$yi / J(p$n_arm1 - 1) - two$yi / J(p$n_arm2 - 1))
  vi <- (one$vi - one$yi^2 / (2 * p$n_arm1)) + (two$vi - two$yi^2 / (2 * p$n_arm2)) + yi^2 / (2 * (df + 2))
  list(PPC = cbind(p, yi = yi, vi = vi))
}

draw_tables <- function() {
  k <- ROWS
  totals <- cbind(sample(5:900, k, replace = TRUE), sample(5:900, k, replace = TRUE))
  random <- data.frame(event_arm1 = rbinom(k, totals[, 1], runif(k, .02, .7)), totaln_arm1 = totals[, 1],
                       event_arm2 = rbinom(k, totals[, 2], runif(k, .02, .7)), totaln_arm2 = totals[, 2])
  edges <- data.frame(
    event_arm1 = c(1, 0, 5, 10, 3, 0, 1, 200000, 7), totaln_arm1 = c(2, 10, 5, 10, 1e8, 12, 1, 1e7, 7),
    event_arm2 = c(1, 3, 2, 4, 3, 12, 0, 200001, 7), totaln_arm2 = c(2, 10, 5, 10, 9e7, 12, 1, 1e7, 9))
  rbind(random, edges)
}

contrasts_of_counts <- function(d) {
  two <- function(measure) finite(cbind(d, bounded(measure, ai = d$event_arm1, n1i = d$totaln_arm1,
                                                   ci = d$event_arm2, n2i = d$totaln_arm2)))
  one <- function(measure) finite(cbind(d[1:2], bounded(measure, xi = d$event_arm1, ni = d$totaln_arm1)))
  measures <- c("OR", "OR2DL", "OR2DN", "RR", "RD", "PETO")
  single <- c("PR", "PLN", "PLO", "PAS", "PFT")
  c(setNames(lapply(measures, two), measures), setNames(lapply(single, one), single))
}

# Drawn after everything else, so that the rows of the other measures stay as they are.
matched_pairs <- function() {
  k <- 60
  d <- data.frame(count_both = rpois(k, 12), count_arm1 = rpois(k, 6), count_arm2 = rpois(k, 4),
                  count_neither = rpois(k, 20))
  d <- rbind(d, data.frame(count_both = c(0, 5, 3, 1e6), count_arm1 = c(4, 0, 7, 10), count_arm2 = c(3, 6, 0, 12),
                           count_neither = c(9, 2, 0, 2e6)))
  measures <- c("MPRD", "MPRR", "MPOR", "MPORC", "MPPETO")
  setNames(lapply(measures, function(measure) finite(cbind(d, bounded(
    measure, ai = d$count_both, bi = d$count_arm1, ci = d$count_arm2, di = d$count_neither)))), measures)
}

rates <- function() {
  k <- ROWS
  d <- data.frame(
    count_arm1 = c(sample(1:500, k, replace = TRUE), 1, 1e6), time_arm1 = c(round(runif(k, 1, 9000), 1), .01, 1e8),
    count_arm2 = c(sample(1:500, k, replace = TRUE), 1, 1e6), time_arm2 = c(round(runif(k, 1, 9000), 1), 1e6, 1e8))
  two <- function(measure)
    cbind(d, bounded(measure, x1i = d$count_arm1, t1i = d$time_arm1, x2i = d$count_arm2, t2i = d$time_arm2))
  list(IRR = two("IRR"), IRD = two("IRD"),
       IRLN = cbind(d[1:2], bounded("IRLN", xi = d$count_arm1, ti = d$time_arm1)))
}

correlations <- function() {
  d <- data.frame(r = c(round(runif(ROWS, -.95, .95), 3), .9999, -.9999, 0, 1e-9),
                  n_arm1 = c(draw_people(ROWS) + 2, 4, 5, 1e8, 50))
  list(COR = cbind(d, values("COR", ri = d$r, ni = d$n_arm1)), ZCOR = cbind(d, {
    es <- escalc("ZCOR", ri = d$r, ni = d$n_arm1)
    data.frame(yi = as.numeric(es$yi), vi = as.numeric(es$vi))
  }))
}

generic <- function() {
  d <- data.frame(yi_given = rnorm(ROWS), se = exp(runif(ROWS, -9, 9)))
  es <- escalc(measure = "GEN", yi = d$yi_given, sei = d$se)
  list(GEN = data.frame(yi_given = d$yi_given, se = d$se, yi = as.numeric(es$yi), vi = as.numeric(es$vi)))
}

# Luo 2018: mean; Wan 2014: SD; Shi 2023: test of skewness (statistic and critical value at 5 %).
medians <- function() {
  one <- function(number) {
    n <- sample(c(5:30, 50, 100, 400, 2000, 1e5), 1)
    x <- if (number %% 4 == 0) rexp(min(n, 5000), .1) else rnorm(min(n, 5000), 40, 9)
    five <- round(as.numeric(quantile(x, c(0, .25, .5, .75, 1))), 2)
    a <- five[1]; q1 <- five[2]; m <- five[3]; q3 <- five[4]; b <- five[5]
    xi <- 2 * qnorm((n - .375) / (n + .25)); eta <- 2 * qnorm((.75 * n - .125) / (n + .25))
    range_weight <- 4 / (4 + n^.75); quartile_weight <- .7 + .39 / n
    w1 <- 2.2 / (2.2 + n^.75); w2 <- .7 - .72 / n^.55
    skew <- function(low, high) abs((low + high - 2 * m) / (high - low))
    data.frame(n = n, min = a, q1 = q1, median = m, q3 = q3, max = b,
      mean_quartiles = quartile_weight * (q1 + q3) / 2 + (1 - quartile_weight) * m, sd_quartiles = (q3 - q1) / eta,
      mean_extremes = range_weight * (a + b) / 2 + (1 - range_weight) * m, sd_extremes = (b - a) / xi,
      mean_five = w1 * (a + b) / 2 + w2 * (q1 + q3) / 2 + (1 - w1 - w2) * m,
      sd_five = ((b - a) / xi + (q3 - q1) / eta) / 2,
      skew_quartiles = skew(q1, q3), critical_quartiles = 2.65 / sqrt(n) - 6 / n^2,
      skew_extremes = skew(a, b), critical_extremes = 1 / log(n + 9) + 2.5 / (n + 1),
      skew_five = max(2.65 * log(.6 * n) / sqrt(n) * skew(a, b), skew(q1, q3)), critical_five = 3 / sqrt(n) - 40 / n^3)
  }
  list(medians = do.call(rbind, lapply(seq_len(ROWS), one)))
}

# jsonlite stops at 15 digits, which would not give back the same doubles.
all_digits <- function(content) {
  rapply(content, function(x) ifelse(is.finite(x), sprintf("@%.17g@", x), "@null@"),
         classes = c("numeric", "integer"), how = "replace")
}

main <- function(output) {
  set.seed(20260101, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  arms <- draw_arms()
  content <- list(
    source = list(script = "tests/reference/effects.R", R = as.character(getRversion()),
                  metafor = as.character(packageVersion("metafor")), vtype = "LS", add = 0, seed = 20260101),
    cases = c(means_of_groups(arms), changes_of_pairs(draw_pairs()), change_scores(arms), pre_post_control(),
              contrasts_of_counts(draw_tables()), rates(), correlations(), generic(), medians(), matched_pairs())
  )
  text <- toJSON(all_digits(content), auto_unbox = TRUE, dataframe = "rows", null = "null")
  text <- gsub('"@([^@"]*)@"', "\\1", text)
  writeLines(gsub("},{", "},\n{", text, fixed = TRUE), output)
}

arguments <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
main(if (length(arguments)) arguments[1] else file.path(here, "effects.json"))
