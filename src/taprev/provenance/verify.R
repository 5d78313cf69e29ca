# Recompute this review in R: every effect from the printed figures, every pooled number from the effects, and what
# surrounds the numbers: other choices, moderators, single studies, small studies.
#
#   Rscript results/audit/verify.R [the project's folder]
#
# Needs metafor (Viechtbauer 2010, J Stat Softw 36(3)). clubSandwich is needed where the settings ask for a model of
# effects nested in studies; elsewhere, without it, errors of such models are skipped, and that is told. It reads
#   data/extracted/outcomes.csv    the printed figures, from which yi and vi are computed here
#   results/effects/*.csv          which rows have an effect, by which derivation, and which of them are pooled
#   results/effects/variants       which results stand for a sample under which other choices
#   results/tables/summary.csv     the pooled numbers
#   results/tables/small_studies.csv   tests and models of small studies and selection
#   results/tables/sensitivity.csv     pools under one other choice, and without each study
#   results/tables/multiverse.csv      pools under every combination of choices
#   results/synthesis/*.json       moderators, the influence of each study, and the range of the multiverse
# What is chosen is taprev's and is read: the derivation of a row (its name), its fate, which results stand for a
# sample, and between how many arms a control group is divided. What is computed is R's: our yi, vi and pooled numbers
# are read for one purpose only, to be compared.
# Pools are made of R's own yi and vi, and those of events (Mantel-Haenszel, Peto) of the printed tables. Not
# recomputed: Bayesian fits, sign tests and combined p values.
#
# The exit status is 1 where a number differs by more than 1e-6 standard errors, where one could not be computed,
# and where a row, a stratum or a line is missing on either side.

suppressPackageStartupMessages(library(metafor))

# >>> settings: written from the settings of the review; the rest of this file is the same for every review
settings <- list(
  title = "A review",
  r_pre_post = 0.5,
  rho = 0.6,
  overdispersion = 1.0,
  icc = NA,
  retained = NA,
  cluster_adjustment = "variance",
  shared_control = "once",
  tau2_method = "REML",
  ci_method = "auto",
  level = 0.95,
  prediction_df = "k-1",
  dependence = "composite",
  fewest_studies = 5L,
  events = "mantel_haenszel",
  empty_cells = "pooled",
  combined = list(
    list(name = "controlled_any", contrasts = c("randomised", "controlled"))
  ),
  tau2_methods = c("REML", "DL", "PM"),
  grids = list(
    r_pre_post = c(0.3, 0.5, 0.7, 0.9),
    rho = c(0.4, 0.6, 0.8),
    overdispersion = c(1.0, 2.0, 5.0, 10.0),
    icc = c(0.01, 0.05, 0.1),
    retained = c(0.5, 0.75)
  ),
  scales = c(
    "outcome" = "smd"
  )
)
# <<< settings

LIMIT <- 1e-6
CONTRASTS <- c("randomised", "controlled", "before_after", "time_series") # the strongest design first


# 1. From printed figures to yi and vi -------------------------------------------------------------------------
#
# Every function takes the figures `f` of a row under their names in outcomes.csv: arm 1 is the programme, or
# after, arm 2 the comparator, or before. n_arm1, n_arm2, events, totals, counts and person-time are those that
# count in the pool (divided by the design effect of clusters, or among the arms that share a control group);
# people_arm1 and people_arm2 are the people who were measured and tested.

effect <- function(...) {
  made <- escalc(..., vtype = "LS", add = 0, to = "none", drop00 = FALSE)
  c(yi = as.numeric(made$yi), vi = as.numeric(made$vi))
}

# Another standard deviation as the unit: yi times a factor, vi times its square.
in_units <- function(e, factor) c(yi = e[["yi"]] * factor, vi = e[["vi"]] * factor^2)

# SMD and standardised mean change (SMCC: in units of the SD of changes) of a given d, by n people.
smd <- function(d, n1, n2) effect("SMD", m1i = d, sd1i = 1, n1i = n1, m2i = 0, sd2i = 1, n2i = n2)
smcc <- function(d, n) effect("SMCC", m1i = d, sd1i = 1, m2i = 0, sd2i = 1, ri = .5, ni = n)

# A known g with the variance of the people who count; smd(1, ...) is Hedges' correction.
smd_of_g <- function(g, f) smd(g / smd(1, f$n_arm1, f$n_arm2)[["yi"]], f$n_arm1, f$n_arm2)
smcc_of_g <- function(g, f) smcc(g / smcc(1, f$n_arm1)[["yi"]], f$n_arm1)

# SMDs stand in units of raw scores: a t of change scores, or of residuals of a model that adjusts for the score
# before, rests on another standard deviation. So does a paired t, always that of the changes.
factor_of_changes <- function(f) sqrt(2 * (1 - f$r))
factor_of_basis <- function(f) switch(f$basis, change = factor_of_changes(f), residual = sqrt(1 - f$r^2), 1)

smd_from_t <- function(t, f) {
  g <- effect("SMD", ti = t, n1i = f$people_arm1, n2i = f$people_arm2)[["yi"]]
  in_units(smd_of_g(g, f), factor_of_basis(f))
}
smcr_from_t <- function(t, f) {
  if (f$independent) t <- t / sqrt(1 - f$r) # a test that took before and after as different people
  g <- smcc(t / sqrt(f$people_arm1), f$people_arm1)[["yi"]]
  in_units(smcc_of_g(g, f), factor_of_changes(f))
}

t_from_p <- function(f) qt(f$p / 2, f$error_df, lower.tail = FALSE)
se_from_interval <- function(f, df = f$error_df) (f$ci_ub - f$ci_lb) / (2 * qt((1 + f$level) / 2, df))

# A printed standardised effect with its own precision.
smd_of_interval <- function(f) effect("GEN", yi = abs(f$smd), sei = se_from_interval(f, Inf))
smd_of_se <- function(f) effect("GEN", yi = abs(f$smd), sei = f$se)
smd_of_p <- function(f) effect("GEN", yi = abs(f$smd), sei = abs(f$smd) / qnorm(f$p / 2, lower.tail = FALSE))

# The mean and SD behind a median and its quartiles (Luo 2018, Wan 2014; not in metafor before version 4).
from_quartiles <- function(median, q1, q3, n) {
  w <- 0.7 + 0.39 / n
  list(mean = w * (q1 + q3) / 2 + (1 - w) * median, sd = (q3 - q1) / (2 * qnorm((.75 * n - .125) / (n + .25))))
}
of_medians <- function(f, paired = FALSE) {
  one <- from_quartiles(f$median_arm1, f$q1_arm1, f$q3_arm1, f$people_arm1)
  two <- from_quartiles(f$median_arm2, f$q1_arm2, f$q3_arm2, if (paired) f$people_arm1 else f$people_arm2)
  modifyList(f, list(mean_arm1 = one$mean, sd_arm1 = one$sd, mean_arm2 = two$mean, sd_arm2 = two$sd))
}
of_changes <- function(f) {
  changed <- c("mean_arm1", "sd_arm1", "mean_arm2", "sd_arm2")
  f[changed] <- f[sub("_", "_change_", changed)]
  f
}

of_two_means <- function(measure, f) with(f, effect(measure,
  m1i = mean_arm1, sd1i = sd_arm1, n1i = n_arm1, m2i = mean_arm2, sd2i = sd_arm2, n2i = n_arm2))

# metafor's SMCR divides by sd1i, here the SD before (arm 2).
smcr <- function(f) with(f, effect("SMCR", m1i = mean_arm1, m2i = mean_arm2, sd1i = sd_arm2, ni = n_arm1, ri = r))

mean_change <- function(f)
  with(f, effect("MC", m1i = mean_arm1, sd1i = sd_arm1, m2i = mean_arm2, sd2i = sd_arm2, ri = r, ni = n_arm1))

# A printed difference with its squared SE, widened where fewer people count than were tested.
difference <- function(f, paired) {
  counted <- 1 / f$n_arm1 + if (paired) 0 else 1 / f$n_arm2
  tested <- 1 / f$people_arm1 + if (paired) 0 else 1 / f$people_arm2
  effect("GEN", yi = f$md, sei = se_from_interval(f) * sqrt(counted / tested))
}

of_events <- function(measure, f) with(f, effect(measure, ai = event_arm1, n1i = totaln_arm1,
                                                 ci = event_arm2, n2i = totaln_arm2))

# A printed test or interval as a t. The figures of a test have no sign of their own, those of a difference have.
T_OF_A_TEST <- list(
  "t" = function(f) abs(f$t),
  "F" = function(f) sqrt(f$F),
  "p" = t_from_p,
  "z" = function(f) abs(f$z),
  "p of a difference" = t_from_p
)
T_OF_A_DIFFERENCE <- list(
  "interval" = function(f) f$md / se_from_interval(f),
  "SE" = function(f) f$md / f$se,
  "interval alone" = function(f) (f$ci_lb + f$ci_ub) / 2 / se_from_interval(f)
)
smds <- function(ways) setNames(lapply(ways, function(t) function(f) smd_from_t(t(f), f)),
                                paste("SMD from", names(ways)))
smcrs <- function(ways) setNames(lapply(ways, function(t) function(f) smcr_from_t(t(f), f)),
                                 paste("SMCR from", names(ways)))

# An effect of another analysis, with its variance or standard error.
given_with_variance <- function(f) c(yi = f$yi, vi = f$vi)
given_with_se <- function(f) effect("GEN", yi = f$yi, sei = f$se)

# The sign of these comes from the figures: a difference in natural units keeps it, a standardised one is turned where a
# lower score is better.
SIGNED <- c(
  list(
    "SMD from means" = function(f) of_two_means("SMD", f),
    "SMD from medians" = function(f) of_two_means("SMD", of_medians(f)),
    "SMD from change scores" = function(f) in_units(of_two_means("SMD", of_changes(f)), factor_of_changes(f)),
    "SMCR from means" = smcr,
    "SMCR from medians" = function(f) smcr(of_medians(f, paired = TRUE)),
    "SMCR from change scores" = function(f)
      in_units(smcc(f$mean_change_arm1 / f$sd_change_arm1, f$n_arm1), factor_of_changes(f)),
    "MD from means" = function(f) if (f$paired) mean_change(f) else of_two_means("MD", f),
    "MD from medians" = function(f)
      if (f$paired) mean_change(of_medians(f, paired = TRUE)) else of_two_means("MD", of_medians(f)),
    "MD from change scores" = function(f)
      if (f$paired) with(f, effect("MC", m1i = mean_change_arm1, sd1i = sd_change_arm1, m2i = 0,
                                   sd2i = sd_change_arm1, ri = .5, ni = n_arm1))
      else of_two_means("MD", of_changes(f)),
    "MD from interval" = function(f) difference(f, f$paired),
    "MD from SE" = function(f) effect("GEN", yi = f$md, sei = f$se),
    "MD from p" = function(f) effect("GEN", yi = f$md, sei = abs(f$md) / t_from_p(f)),
    "MD from interval without n" = function(f) effect("GEN", yi = f$md, sei = se_from_interval(f, Inf)),
    "SMD given with variance" = given_with_variance,
    "SMD given with SE" = given_with_se,
    "SMCR given with variance" = given_with_variance,
    "SMCR given with SE" = given_with_se,
    "MD given with variance" = given_with_variance,
    "MD given with SE" = given_with_se
  ),
  smds(T_OF_A_DIFFERENCE), smcrs(T_OF_A_DIFFERENCE)
)

# The sign of these comes from the recorded direction.
UNSIGNED <- c(
  list(
    "SMD with printed interval" = smd_of_interval,
    "SMCR with printed interval" = smd_of_interval,
    "SMD with printed SE" = smd_of_se,
    "SMCR with printed SE" = smd_of_se,
    "SMD with printed p" = smd_of_p,
    "SMCR with printed p" = smd_of_p,
    "SMD as printed" = function(f) smd_of_g(abs(f$smd), f),
    "SMCR as printed" = function(f)
      in_units(smcc_of_g(abs(f$smd) / factor_of_changes(f), f), factor_of_changes(f)),
    "SMD from Cohen's f" = function(f) {
      share <- f$people_arm1 / (f$people_arm1 + f$people_arm2)
      smd_of_g(smd(f$cohens_f / sqrt(share * (1 - share)), f$people_arm1, f$people_arm2)[["yi"]], f)
    }
  ),
  smds(T_OF_A_TEST), smcrs(T_OF_A_TEST)
)

# Ratios stay as they are printed.
RATIOS <- list(
  "log ratio given with variance" = given_with_variance,
  "log ratio given with SE" = given_with_se,
  "log odds ratio from events" = function(f) of_events("OR", f),
  "log risk ratio from events" = function(f) of_events("RR", f),
  "log ratio from interval" = function(f)
    effect("GEN", yi = log(f$ratio), sei = log(f$ci_ub / f$ci_lb) / (2 * qnorm((1 + f$level) / 2))),
  "log ratio from SE" = function(f) effect("GEN", yi = log(f$ratio), sei = f$se),
  "log ratio from p" = function(f)
    effect("GEN", yi = log(f$ratio), sei = abs(log(f$ratio)) / qnorm(f$p / 2, lower.tail = FALSE)),
  "log rate ratio from counts" = function(f) {
    poisson <- with(f, effect("IRR", x1i = count_arm1, t1i = time_arm1, x2i = count_arm2, t2i = time_arm2))
    c(yi = poisson[["yi"]], vi = poisson[["vi"]] * settings$overdispersion)
  }
)

# Correlations stay as they are printed, too: Fisher's z with what is printed of its precision.
CORRELATIONS <- list(
  "Fisher's z given with variance" = given_with_variance,
  "Fisher's z given with SE" = given_with_se,
  "Fisher's z from r and interval" = function(f) effect("GEN", yi = transf.rtoz(f$pearson_r), sei =
    (transf.rtoz(f$ci_ub) - transf.rtoz(f$ci_lb)) / (2 * qnorm((1 + f$level) / 2))),
  "Fisher's z from r and SE" = function(f)
    effect("GEN", yi = transf.rtoz(f$pearson_r), sei = f$se / (1 - f$pearson_r^2)),
  "Fisher's z from r and n" = function(f) effect("ZCOR", ri = f$pearson_r, ni = f$n_arm1),
  "Fisher's z from r and p" = function(f) effect("GEN", yi = transf.rtoz(f$pearson_r),
    sei = abs(transf.rtoz(f$pearson_r)) / qnorm(f$p / 2, lower.tail = FALSE))
)
DERIVATIONS <- c(SIGNED, UNSIGNED, RATIOS, CORRELATIONS)
WITHIN_ARMS <- "log ratio of the ratios within each arm"

# Printed with their precision and without a number of people that could be divided.
PRECISION_ONLY <- c("MD from SE", "MD from p", "MD from interval without n",
                    outer(c("SMD", "SMCR"), c("interval", "SE", "p"), paste, sep = " with printed "),
                    outer("Fisher's z from r and", c("interval", "SE", "p"), paste),
                    outer(c("SMD", "SMCR", "MD", "log ratio", "Fisher's z"), c("variance", "SE"), paste, sep = " given with "),
                    "log ratio from interval", "log ratio from SE", "log ratio from p")


# 2. The figures of a row --------------------------------------------------------------------------------------

FIGURES <- c(
  outer(c("mean", "sd", "median", "q1", "q3", "mean_change", "sd_change", "event", "totaln", "count", "time", "n",
          "n_clusters"), c("arm1", "arm2"), paste, sep = "_"),
  "md", "smd", "cohens_f", "ratio", "se", "ci_lb", "ci_ub", "t", "F", "z", "p", "r_pre_post", "icc", "cluster_size"
)
COUNTED <- c("n", "event", "totaln", "count", "time")

or_else <- function(value, otherwise) if (is.na(value)) otherwise else value

USUAL_LEVEL <- 95 # of the intervals that reports print, in percent
LEVEL <- "(?<![\\d.])\\d{2}(?:\\.\\d+)?(?=\\s*%\\s*-?\\s*(?:C\\.?I\\b|CrI\\b|confidence|credib|interval))"
level_in_words <- function(text) {
  text <- gsub("\u00a0", " ", text)
  levels <- unique(as.numeric(regmatches(text, gregexpr(LEVEL, text, perl = TRUE, ignore.case = TRUE))[[1]]))
  if (length(levels) == 1) levels else NA
}
or_blank <- function(row, column) if (column %in% names(row)) row[[column]] else ""

# The precision of the printed effect itself is not corrected where it already allows for clusters.
OF_DIFFERENCE <- paste("MD from", c("interval", "SE", "p", "interval without n"))
OWN_PRECISION <- c(PRECISION_ONLY, "MD from interval")
CLUSTERS_IN_WORDS <- "(allow|account|adjust|correct)(s|ed|ing)? for (the )?cluster|cluster[- ](adjusted|robust)"
allows_for_clusters <- function(name, row) {
  cell <- or_blank(row, "allows_for_clusters")
  in_words <- cell == "" && grepl(CLUSTERS_IN_WORDS, row$as_reported, ignore.case = TRUE, perl = TRUE)
  name %in% OWN_PRECISION && (cell == "yes" || in_words)
}

design_effect <- function(name, row, f) {
  if (allows_for_clusters(name, row)) return(1)
  icc <- or_else(f$icc, settings$icc)
  if (row$unit_of_allocation != "cluster" || is.na(icc) || is.na(f$cluster_size)) return(1)
  1 + (f$cluster_size - 1) * icc
}

# Where n is that of those enrolled, the variance is divided by the share of them that the settings take as analysed.
attrition <- function(name, row) {
  if (or_blank(row, "n_basis") != "enrolled" || name %in% OWN_PRECISION || is.na(settings$retained)) return(1)
  1 / settings$retained
}

# One printed row as a list of its cells, from which R reads much faster than from a row of a table.
row_of <- function(printed, i) lapply(printed, `[[`, i)

# An empty cell is NA; a figure that a derivation needs and does not find makes its effect NA, which is reported.
figures_of <- function(row) {
  f <- lapply(row[FIGURES], as.numeric)
  paired <- row$contrast == "before_after" && row$pairing == "matched"
  f$paired <- paired
  f$independent <- paired && or_blank(row, "allows_for_repeated_measures") == "no"
  f$basis <- row$sd_basis
  f$r <- or_else(f$r_pre_post, settings$r_pre_post)
  f$people_arm1 <- f$n_arm1
  f$people_arm2 <- f$n_arm2
  f$error_df <- or_else(if (f$independent) 2 * f$n_arm1 - 2 else if (paired) f$n_arm1 - 1 else
    f$n_arm1 + f$n_arm2 - 2, Inf)
  f$yi <- as.numeric(or_blank(row, "yi"))
  f$vi <- as.numeric(or_blank(row, "vi"))
  f$pearson_r <- as.numeric(or_blank(row, "pearson_r"))
  f$level <- or_else(or_else(as.numeric(or_blank(row, "ci_level")), level_in_words(row$as_reported)), USUAL_LEVEL) / 100
  f$time_arm1 <- or_else(f$time_arm1, 1)
  f$time_arm2 <- or_else(f$time_arm2, 1)
  f
}

divided <- function(f, arm, by) {
  counted <- paste(COUNTED, arm, sep = "_")
  f[counted] <- lapply(f[counted], `/`, by)
  f
}

sign_of <- function(name, row, f) {
  turned <- if (row$better == "higher") 1 else -1
  if (name %in% names(c(RATIOS, CORRELATIONS)) || startsWith(name, "MD ")) return(1)
  if (name %in% names(SIGNED)) return(turned)
  if (row$direction %in% c("better", "worse")) return(if (row$direction == "better") 1 else -1)
  if (or_else(f$smd, 0) < 0) -turned else turned
}

# `sharing`: among how many arms of its study the control group of this row is divided.
effect_of <- function(name, row, sharing = 1) {
  f <- figures_of(row)
  inflation <- design_effect(name, row, f)
  smaller <- settings$cluster_adjustment == "sample_size" && !(name %in% PRECISION_ONLY)
  fewer <- if (smaller) inflation else 1
  if (smaller) inflation <- 1
  f <- divided(divided(f, "arm1", fewer), "arm2", fewer * sharing)
  e <- DERIVATIONS[[name]](f)
  # The variance of a printed difference of independent samples, as one of pairs.
  if (f$independent && name %in% OF_DIFFERENCE) inflation <- inflation * (1 - f$r)
  c(yi = sign_of(name, row, f) * e[["yi"]], vi = e[["vi"]] * inflation * attrition(name, row))
}

# The effects file names this derivation for the contrast alone, and the way of each arm follows from its figures.
way_of_a_ratio <- function(row) switch(row$statistic,
  events = if (row$ratio_kind == "risk") "log risk ratio from events" else "log odds ratio from events",
  counts = "log rate ratio from counts",
  if (row$ci_lb != "" && row$ci_ub != "") "log ratio from interval"
  else if (row$se != "") "log ratio from SE" else "log ratio from p")

contrast_of_arms <- function(programme, comparator) {
  if (nrow(comparator) != 1) stop("the comparator's arm is not named in the effects file")
  one <- effect_of(way_of_a_ratio(programme), programme)
  comparator <- row_of(comparator, 1)
  two <- effect_of(way_of_a_ratio(comparator), comparator)
  c(yi = one[["yi"]] - two[["yi"]], vi = one[["vi"]] + two[["vi"]])
}

# How many arms share a control group is taprev's choice and is read: by how much its people are divided (Cochrane
# Handbook 23.3.4).
control_shared_by <- function(effects, printed) {
  sharing <- rep(1, nrow(effects))
  if (settings$shared_control != "split") return(sharing)
  for (people in c("n_arm2", "totaln_arm2")) {
    there <- printed[[people]] != "" & effects[[people]] != ""
    sharing[there] <- round(as.numeric(printed[[people]][there]) / as.numeric(effects[[people]][there]))
  }
  sharing
}


# 3. From effects to pooled numbers ----------------------------------------------------------------------------

# Equal results of one sample become their mean, whose variance knows that they correlate. `first` is the first row of
# each sample, `sample` tells which is that of each row.
samples_of <- function(rows) {
  keys <- paste(rows$contrast, rows$study, rows$sample, sep = "\r")
  list(sample = match(keys, unique(keys)), first = which(!duplicated(keys)))
}

composites <- function(rows) {
  held <- samples_of(rows)
  if (!anyDuplicated(held$sample)) return(rows[c("yi", "vi", "study")])
  known <- escalc("GEN", yi = rows$yi, vi = rows$vi)
  known$sample <- held$sample
  made <- aggregate(known, cluster = sample, struct = "CS", rho = settings$rho, weighted = FALSE, checkpd = FALSE)
  data.frame(yi = as.numeric(made$yi), vi = as.numeric(made$vi), study = rows$study[held$first])
}

# metafor's tolerances are absolute, so they are set relative to the data. The restricted likelihood can have several
# maxima: Fisher's scoring starts at the highest point of a grid, and in a regression, which has no grid, at metafor's
# guess, at none and at much heterogeneity; the highest maximum is kept. Steps are shortened and tolerances loosened
# only where it does not converge.
TIGHT <- 1e-14
# metafor takes no `mods` that is NULL.
with_mods <- function(fitted_by, mods, ...) do.call(fitted_by, c(list(...), if (!is.null(mods)) list(mods = mods)))

highest_of_grid <- function(yi, vi, method) {
  tau2 <- (min(vi) + var(yi)) * c(0, 10^seq(-5, 2, length.out = 100))
  yi <- yi - mean(yi)
  w <- 1 / outer(tau2, vi, `+`)
  total <- rowSums(w)
  Q <- drop(w %*% yi^2) - drop(w %*% yi)^2 / total
  tau2[which.max(rowSums(log(w)) - (if (method == "REML") log(total) else 0) - Q)]
}

fit_tightly <- function(yi, vi, method = settings$tau2_method, mods = NULL) {
  if (length(yi) == 1) return(rma(yi, vi, tau2 = 0, level = 100 * settings$level))
  unit <- min(vi) + var(yi)
  from <- if (!(method %in% c("REML", "ML"))) list(NULL) else if (is.null(mods)) list(highest_of_grid(yi, vi, method))
          else list(NULL, 0, var(yi))
  fits <- Filter(Negate(is.null), lapply(from, function(start) {
    for (stepadj in c(1, .5, .25)) for (looser in c(1, 10, 100, 1000)) {
      control <- list(threshold = TIGHT * looser * unit, tol = TIGHT * unit, maxiter = 10000, stepadj = stepadj,
                      tau2.max = 1000 * unit)
      control$tau2.init <- start
      fit <- try(suppressWarnings(with_mods(rma, mods, yi = yi, vi = vi, method = method, level = 100 * settings$level,
                                            control = control)), silent = TRUE)
      if (!inherits(fit, "try-error")) return(fit)
    }
  }))
  if (!length(fits)) stop("metafor does not converge")
  likelihood <- if (method == "ML") "ML" else "REML"
  fits[[which.max(vapply(fits, function(fit) as.numeric(fit$fit.stats["ll", likelihood]), 0))]]
}

# The same fit with another test and interval.
TESTS <- c(wald = "z", hksj = "knha", hksj_modified = "adhoc")
with_test <- function(fit, method) {
  if (method == "wald") return(fit)
  with_mods(rma, if (fit$p > 1) fit$X[, -1], yi = as.numeric(fit$yi), vi = fit$vi, tau2 = fit$tau2, method = fit$method,
            test = TESTS[[method]], level = 100 * settings$level)
}

# HKSJ by the rule where at least three effects vary, Wald otherwise; HKSJ does not exist for effects all equal.
interval_method <- function(wald, yi, vi) {
  asked <- settings$ci_method
  if (asked == "auto") return(if (wald$k >= 3 && wald$tau2 > 1e-8 * min(vi)) "hksj" else "wald")
  if (asked == "hksj" && all(yi == yi[1])) "wald" else asked
}

q_profile <- function(fit, unit) {
  profile <- confint(fit, control = list(tol = TIGHT * unit, maxiter = 10000, tau2.max = 1e8 * unit))
  r <- profile$random
  list(tau2_lb = r["tau^2", "ci.lb"], tau2_ub = r["tau^2", "ci.ub"],
       I2_lb = r["I^2(%)", "ci.lb"], I2_ub = r["I^2(%)", "ci.ub"])
}

prediction <- function(estimate, se, tau2, df) {
  half <- qt((1 + settings$level) / 2, df) * sqrt(tau2 + se^2)
  list(pi_lb = estimate - half, pi_ub = estimate + half)
}

random_effects <- function(yi, vi) {
  wald <- fit_tightly(yi, vi)
  method <- interval_method(wald, yi, vi)
  fit <- with_test(wald, method)
  k <- fit$k
  estimate <- as.numeric(fit$beta)
  c(
    list(k = k, estimate = estimate, se = fit$se, ci_lb = fit$ci.lb, ci_ub = fit$ci.ub, ci_method = method,
         df = if (method == "wald") NA else k - 1, pval = fit$pval, tau2 = wald$tau2, I2 = wald$I2, H2 = wald$H2,
         Q = wald$QE, Q_df = k - 1, Q_pval = wald$QEp, tau2_method = settings$tau2_method, model = "inverse_variance"),
    q_profile(wald, min(vi) + var(yi)),
    if (k >= 3) prediction(estimate, fit$se, wald$tau2, if (settings$prediction_df == "k-1") k - 1 else k - 2)
    else list(pi_lb = NA, pi_ub = NA)
  )
}

# The restricted log-likelihood of components of studies and of effects, up to a constant.
restricted <- function(components, yi, V, within, X) {
  root <- chol(V + components[1] * within + diag(components[2], length(yi)))
  fit <- qr(backsolve(root, X, transpose = TRUE))
  left <- qr.resid(fit, backsolve(root, yi, transpose = TRUE))
  -sum(log(diag(root))) - sum(log(abs(diag(qr.R(fit))))) - sum(left^2) / 2
}

# rma.mv climbs without derivatives, stops some digits before the top of a flat likelihood, and can stay at a lower one
# of two maxima. Newton's method goes on from there, and from the highest point of a grid, with the score and the
# observed information of REML (Harville 1977, J Am Stat Assoc 72:320); rma.mv then takes the components of the higher
# maximum as given. rma.mv stops a little above a component that is 0: it is put there, and leaves it again where the
# score says so.
polished <- function(components, yi, V, within, X) {
  D <- list(within, diag(length(yi)))
  components[components < 1e-6 * min(diag(V))] <- 0
  for (pass in 1:50) {
    W <- solve(V + components[1] * D[[1]] + components[2] * D[[2]])
    P <- W - W %*% X %*% solve(t(X) %*% W %*% X, t(X) %*% W)
    Py <- P %*% yi
    PD <- lapply(D, function(d) P %*% d)
    DPy <- lapply(D, function(d) d %*% Py)
    score <- vapply(1:2, function(i) sum(Py * DPy[[i]]) - sum(diag(PD[[i]])), 0) / 2
    expected <- outer(1:2, 1:2, Vectorize(function(i, j) sum(PD[[i]] * t(PD[[j]])))) / 2
    observed <- outer(1:2, 1:2, Vectorize(function(i, j) sum(DPy[[i]] * (P %*% DPy[[j]])))) - expected
    free <- components > 0 | score > 0
    if (!any(free)) break
    concave <- all(eigen(observed[free, free], symmetric = TRUE)$values > 0)
    step <- c(0, 0)
    step[free] <- solve((if (concave) observed else expected)[free, free], score[free])
    height <- function(step) restricted(pmax(components + step, 0), yi, V, within, X)
    while (height(step) < height(0) - 1e-8) step <- step / 2
    components <- pmax(components + step, 0)
    if (max(abs(step)) <= 1e-14 * (max(components) + min(diag(V)))) break
  }
  components
}

GRID <- c(0, .003, .01, .03, .1, .3, 1, 3, 10)

# Three levels (effects in studies), or correlated and hierarchical effects with rho above 0; `x` is a predictor.
nested_fit <- function(yi, vi, study, rho, x = NULL) {
  data <- data.frame(yi = yi, study = match(study, unique(study)), effect = seq_along(yi))
  within <- outer(data$study, data$study, `==`) * 1
  V <- tcrossprod(sqrt(vi)) * (rho * within + (1 - rho) * diag(length(yi)))
  model <- function(...) try(suppressWarnings(
    with_mods(rma.mv, x, yi = yi, V = V, random = ~ 1 | study/effect, data = data, sparse = FALSE, ...)), silent = TRUE)
  X <- cbind(rep(1, length(yi)), x)
  height <- function(components) restricted(components, yi, V, within, X)
  by_metafor <- model()
  grid <- (mean(vi) + var(yi)) * as.matrix(expand.grid(GRID, GRID))
  starts <- list(grid[which.max(apply(grid, 1, height)), ], if (!inherits(by_metafor, "try-error")) by_metafor$sigma2)
  found <- lapply(Filter(Negate(is.null), starts), polished, yi, V, within, X)
  fit <- model(sigma2 = found[[which.max(vapply(found, height, 0))]])
  if (inherits(fit, "try-error")) stop("metafor does not fit the components found")
  fit
}

# CR2 errors with Satterthwaite's t, for each coefficient. Without clubSandwich they are NA, and counted as skipped.
has_clubSandwich <- function() suppressMessages(requireNamespace("clubSandwich", quietly = TRUE))
cr2 <- function(fit, study) {
  estimate <- as.numeric(fit$beta)
  if (!has_clubSandwich()) return(list(estimate = estimate, se = NA, df = NA, ci_lb = NA, ci_ub = NA, pval = NA))
  robust <- clubSandwich::coef_test(fit, vcov = "CR2", cluster = match(study, unique(study)))
  df <- if (is.null(robust$df_Satt)) robust$df else robust$df_Satt
  half <- qt((1 + settings$level) / 2, df) * robust$SE
  list(estimate = estimate, se = robust$SE, df = df, ci_lb = estimate - half, ci_ub = estimate + half,
       pval = 2 * pt(-abs(estimate / robust$SE), df))
}

nested_model <- function(rows) {
  if (!has_clubSandwich()) stop("install clubSandwich for a nested model")
  fit <- nested_fit(rows$yi, rows$vi, rows$study, if (settings$dependence == "che") settings$rho else 0)
  robust <- cr2(fit, rows$study)
  tau2 <- sum(fit$sigma2)
  w <- 1 / rows$vi
  typical <- (fit$k - 1) * sum(w) / (sum(w)^2 - sum(w^2))
  c(
    list(k = fit$k, ci_method = "cr2"), robust,
    list(tau2 = tau2, I2 = 100 * tau2 / (tau2 + typical), H2 = tau2 / typical + 1, Q = fit$QE, Q_df = fit$k - 1,
         Q_pval = fit$QEp, tau2_method = "REML", model = "inverse_variance", tau2_lb = NA, tau2_ub = NA, I2_lb = NA,
         I2_ub = NA),
    prediction(robust$estimate, robust$se, tau2, robust$df)
  )
}

# Events with an empty cell have no effect of their own. Where a stratum has some, it is pooled by the counts: odds
# ratios by the exact likelihood, conditional on the events of both arms together, with normal random effects (Stijnen,
# Hamza and Ozdemir 2010, Stat Med 29:3046; rma.glmm with model = "CM.EL", whose optimiser stops earlier); risk ratios
# by Mantel-Haenszel. A ratio without counts joins the former with its normal likelihood.

TAUS <- c(0, .05, .1, .2, .35, .5, .75, 1, 1.5, 2.2, 3.3, 5, 7, 10, 14, 20, 28, 40)

# What a study says of its log odds ratio theta: the log-likelihood, its slope and its curvature. Beyond its reach the
# likelihood is less than exp(-60) of that at 0, which no sum of doubles would show.
of_ratio <- function(yi, vi) list(
  terms = function(theta) list(log = dnorm(yi, theta, sqrt(vi), log = TRUE), slope = (yi - theta) / vi,
                               curve = rep(-1 / vi, length(theta))),
  narrow = sqrt(vi), ends = c(FALSE, FALSE), reach = yi + c(-1, 1) * sqrt(yi^2 + 120 * vi)
)

of_counts <- function(a, n1, c, n2) {
  u <- max(0, a + c - n2):min(n1, a + c)
  base <- lchoose(n1, u) + lchoose(n2, a + c - u)
  base <- base - base[u == a]
  terms <- function(theta) {
    height <- outer(theta, u - a) + rep(base, each = length(theta))
    top <- height[cbind(seq_along(theta), max.col(height, "first"))]
    weight <- exp(height - top)
    total <- rowSums(weight)
    mean <- drop(weight %*% (u - a)) / total
    list(log = -(top + log(total)), slope = -mean, curve = -(drop(weight %*% (u - a)^2) / total - mean^2))
  }
  # The likelihood is 1 over a sum; far from 0 a single term of it, that of the fewest or most events, is bound enough.
  last <- length(u)
  fall <- 60 - terms(0)$log - base[c(1, last)]
  list(terms = terms, narrow = 1 / sqrt(max(-terms(seq(-12, 12, .25))$curve, 1e-6)),
       ends = c(a == u[1], a == u[last]),
       reach = c(if (a == u[1]) -Inf else fall[1] / (u[1] - a), if (a == u[last]) Inf else fall[2] / (u[last] - a)))
}

# The log-likelihood of all studies, its slopes by mu and tau2, and its curvature by mu.
marginal <- function(studies, mu, tau2) {
  parts <- vapply(studies, function(study) {
    theta <- mu
    if (tau2 > 0) {
      tau <- sqrt(tau2)
      points <- ceiling(9 * tau / min(.2 * tau, .4 * study$narrow, .2))
      theta <- mu + seq(-9 * tau, 9 * tau, length.out = 2 * points + 1)
      step <- theta[2] - theta[1]
      if (abs(mu) < 3 * tau) theta <- theta[theta > study$reach[1] & theta < study$reach[2]]
    }
    t <- study$terms(theta)
    square <- t$slope^2 + t$curve
    if (tau2 == 0) return(c(t$log, t$slope, square))
    height <- t$log + dnorm(theta, mu, tau, log = TRUE)
    weight <- exp(height - max(height))
    total <- sum(weight)
    c(max(height) + log(total * step), sum(weight * t$slope) / total, sum(weight * square) / total)
  }, numeric(3))
  list(log = sum(parts[1, ]), mu = sum(parts[2, ]), tau2 = sum(parts[3, ]) / 2, mu_mu = sum(parts[3, ] - parts[2, ]^2))
}

highest_mean <- function(studies, tau2, mu) {
  for (pass in 1:200) {
    at <- marginal(studies, mu, tau2)
    step <- max(-1, min(1, -at$mu / at$mu_mu))
    mu <- mu + step
    if (abs(step) < 1e-11) break
  }
  c(marginal(studies, mu, tau2), list(at = mu))
}

root <- function(f, low, high, at_low = f(low), at_high = f(high)) uniroot(
  f, c(low, high), f.lower = at_low, f.upper = at_high, tol = 1e-13 * max(1, high), maxiter = 1000)$root

# The variances at which the slope by tau2 falls through zero, and zero where it does not rise from there.
maxima <- function(slope) {
  at <- vapply(TAUS^2, slope, 0)
  falls <- which(head(at, -1) > 0 & tail(at, -1) <= 0)
  c(if (at[1] <= 0) 0, vapply(falls, function(i) root(slope, TAUS[i]^2, TAUS[i + 1]^2, at[i], at[i + 1]), 0),
    if (tail(at, 1) > 0) Inf)
}

exact_likelihood <- function(tables, others) {
  telling <- tables$ai + tables$ci > 0 & tables$ai + tables$ci < tables$n1i + tables$n2i
  tables <- tables[telling, ]
  studies <- c(Map(of_counts, tables$ai, tables$n1i, tables$ci, tables$n2i), Map(of_ratio, others$yi, others$vi))
  k <- length(studies)
  ends <- vapply(studies, `[[`, c(TRUE, TRUE), "ends")
  if (k < 2 || all(ends[1, ]) || all(ends[2, ])) return(NULL)
  found <- maxima(function(tau2) highest_mean(studies, tau2, 0)$tau2)
  if (any(is.infinite(found))) return(NULL)
  fits <- lapply(found, function(tau2) highest_mean(studies, tau2, 0))
  best <- which.max(vapply(fits, `[[`, 0, "log"))
  tau2 <- found[best]
  estimate <- fits[[best]]$at
  top <- fits[[best]]$log

  slopes <- function(mu, t) unlist(marginal(studies, mu, t)[c("mu", "tau2")])
  by <- function(f, h) (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)
  H <- cbind(by(function(h) slopes(estimate + h, tau2), 1e-3), 0)
  if (tau2 > 0) H[, 2] <- by(function(h) slopes(estimate, tau2 + h), 1e-3 * tau2)
  se <- 1 / sqrt(if (tau2 > 0) -(H[1, 1] - H[1, 2] * H[2, 1] / H[2, 2]) else -H[1, 1])

  fall <- qchisq(settings$level, 1) / 2
  widest <- max(TAUS)^2 # no larger variance is looked for, here and in taprev
  height <- function(mu) max(vapply(maxima(function(t) marginal(studies, mu, t)$tau2), function(t)
    marginal(studies, mu, min(t, widest))$log, 0))
  above <- function(mu) height(mu) - top + fall
  at_estimate <- above(estimate)
  end <- function(side) {
    far <- se
    while ((beyond <- above(estimate + side * far)) > 0) far <- 1.5 * far
    estimate + side * uniroot(function(d) above(estimate + side * d), c(0, far), f.lower = at_estimate,
                              f.upper = beyond, tol = 1e-9 * se)$root
  }
  wald <- settings$ci_method == "wald"
  ci <- if (wald) estimate + c(-1, 1) * qnorm((1 + settings$level) / 2) * se else c(end(-1), end(1))
  left <- function(t) highest_mean(studies, t, estimate)$log - top + fall
  lower <- if (tau2 == 0 || left(0) >= 0) 0 else root(left, 0, tau2)
  upper <- if (left(widest) >= 0) NA else root(left, tau2, widest)

  w <- -vapply(studies, function(study) study$terms(estimate)$curve, 0)
  typical <- (k - 1) * sum(w) / (sum(w)^2 - sum(w^2))
  own <- vapply(seq_len(k), function(i) if (any(ends[, i])) 0 else {
    slope <- function(theta) studies[[i]]$terms(theta)$slope
    studies[[i]]$terms(root(slope, -40, 40))$log
  }, 0)
  Q <- max(0, 2 * (sum(own) - highest_mean(studies, 0, 0)$log))
  chance <- if (wald) 2 * pnorm(-abs(estimate / se)) else pchisq(max(0, 2 * (top - height(0))), 1, lower.tail = FALSE)
  share <- function(t) 100 * t / (t + typical)
  c(
    list(k = k, estimate = estimate, se = se, ci_lb = ci[1], ci_ub = ci[2], ci_method = if (wald) "wald" else "profile",
         df = NA, pval = chance, tau2 = tau2, tau2_lb = lower, tau2_ub = upper, I2 = share(tau2), I2_lb = share(lower),
         I2_ub = share(upper), H2 = tau2 / typical + 1, Q = Q, Q_df = k - 1,
         Q_pval = pchisq(Q, k - 1, lower.tail = FALSE), tau2_method = "ML", model = "exact_likelihood"),
    if (k >= 3) prediction(estimate, se, tau2, if (settings$prediction_df == "k-1") k - 1 else k - 2)
    else list(pi_lb = NA, pi_ub = NA)
  )
}

one_common_effect <- function(tables) {
  fit <- suppressWarnings(rma.mh(ai = tables$ai, n1i = tables$n1i, ci = tables$ci, n2i = tables$n2i, measure = "RR", add = 0,
                to = "none", drop00 = TRUE, level = 100 * settings$level))
  if (is.na(fit$se)) return(NULL)
  list(k = sum(tables$ai + tables$ci > 0), estimate = as.numeric(fit$beta), se = fit$se, ci_lb = fit$ci.lb,
       ci_ub = fit$ci.ub, ci_method = "wald", df = NA, pval = fit$pval, tau2 = NA, tau2_lb = NA, tau2_ub = NA, I2 = NA,
       I2_lb = NA, I2_ub = NA, H2 = NA, Q = fit$QE, Q_df = max(fit$k.yi - 1, 0), Q_pval = fit$QEp, tau2_method = "",
       model = "mantel_haenszel", pi_lb = NA, pi_ub = NA)
}

# What a model of counts pools of the rows of one contrast and axis: tables, and samples that are known by a ratio
# alone; NULL where no empty cell asks for it.
counts_of <- function(own, pooled) {
  odds <- own$scale[1] == "log_odds_ratio"
  if (settings$empty_cells == "left_out" || !(odds || own$scale[1] == "log_risk_ratio")) return(NULL)
  counted <- own[own$events == "yes" & own$never_pooled == "", ]
  if (odds) counted <- counted[with(counted, ai %% 1 == 0 & n1i %% 1 == 0 & ci %% 1 == 0 & n2i %% 1 == 0), ]
  counted$telling <- with(counted, ai + ci > 0 & (!odds | ai + ci < n1i + n2i))
  if (!any(is.na(counted$yi) & counted$telling)) return(NULL)
  alone <- pooled[!(paste(pooled$study, pooled$sample, sep = "\r") %in%
                      paste(counted$study, counted$sample, sep = "\r")), ]
  list(odds = odds, tables = counted, others = if (nrow(alone)) composites(alone) else alone[c("yi", "vi", "study")])
}

pool_counts <- function(counts) {
  if (counts$odds) return(exact_likelihood(counts$tables, counts$others))
  if (nrow(counts$others)) NULL else one_common_effect(counts$tables)
}

pool <- function(rows) {
  studies <- length(unique(rows$study))
  nested <- settings$dependence != "composite" && settings$fewest_studies <= studies && studies < nrow(rows)
  if (nested) return(nested_model(rows))
  one_each <- composites(rows)
  random_effects(one_each$yi, one_each$vi)
}


# 4. Which rows meet in a stratum: read from the effects files -------------------------------------------------

# Ratios and mean differences are not turned, and those for which more is better do not meet those for which less is.
axis_of <- function(rows)
  paste(rows$scale, ifelse(rows$scale == "smd", "higher", rows$better), sep = "_")

named <- function(name, axis, axes) if (length(axes) == 1) name else paste(name, axis, sep = "_")

main_strata <- function(rows) {
  made <- list()
  for (contrast in CONTRASTS) {
    own <- rows[rows$contrast == contrast, ]
    axes <- sort(unique(own$axis), method = "radix")
    for (axis in axes) {
      there <- own[own$axis == axis, ]
      pooled <- there[there$fate == "pooled", ]
      name <- named(contrast, axis, axes)
      if (nrow(pooled) || sum(there$events == "yes") > 1)
        made[[length(made) + 1]] <- list(role = "main", name = name, rows = pooled, there = there)
    }
  }
  made
}

# A sample that stands in two designs is taken from the stronger one.
combined_strata <- function(rows) {
  made <- list()
  for (wish in settings$combined) {
    wished <- rows[rows$chosen == "yes" & rows$never_pooled == "" & rows$contrast %in% wish$contrasts, ]
    axes <- sort(unique(wished$axis), method = "radix")
    for (axis in axes) {
      own <- wished[wished$axis == axis, ]
      design <- match(own$contrast, CONTRASTS)
      pooled <- own[design == ave(design, paste(own$study, own$sample, sep = "\r"), FUN = min), ]
      if (length(unique(pooled$contrast)) > 1)
        made[[length(made) + 1]] <- list(role = "sensitivity", name = named(wish$name, axis, axes), rows = pooled)
    }
  }
  made
}


# 5. Comparing -------------------------------------------------------------------------------------------------

problems <- character(0)
problem <- function(...) problems <<- c(problems, sprintf(...))

attempt <- function(where, expression) tryCatch(expression, error = function(e) {
  problem("%s: not recomputed, %s", where, conditionMessage(e))
  NULL
})

# Text as printed, and without the quote by which taprev keeps a spreadsheet from running a text as a formula.
read_table <- function(path, guarded = TRUE) {
  if (!file.exists(path)) stop("there is no file ", path, "; run the review first", call. = FALSE)
  table <- read.csv(path, colClasses = "character", na.strings = character(0), check.names = FALSE,
                    encoding = "UTF-8")
  head <- charToRaw(colnames(table)[1]) # without the mark that Excel writes before it
  if (identical(head[1:3], as.raw(c(0xef, 0xbb, 0xbf)))) colnames(table)[1] <- rawToChar(head[-(1:3)])
  if (guarded) table[] <- lapply(table, function(cells) sub("^'(?='*[=+@\t\r-])", "", cells, perl = TRUE))
  table
}

# JSON by base R alone: objects and arrays become lists, an array of numbers or of words a vector, null NA.
read_json <- function(path) as_read(paste(readLines(path, warn = FALSE, encoding = "UTF-8"), collapse = "\n"))

as_read <- function(text) {
  token <- '"[^"\\\\]*+(?:\\\\.[^"\\\\]*+)*+"|[][{}]|[^][{}",:\\s]+'
  tokens <- regmatches(text, gregexpr(token, text, perl = TRUE, useBytes = TRUE))[[1]]
  Encoding(tokens) <- "UTF-8"
  first <- substr(tokens, 1, 1)
  atoms <- as.list(suppressWarnings(as.numeric(tokens)))
  words <- first == "\""
  atoms[words] <- gsub("\\\\([\"\\\\/])", "\\1", substr(tokens[words], 2, nchar(tokens[words]) - 1))
  atoms[tokens %in% c("true", "false")] <- tokens[tokens %in% c("true", "false")] == "true"
  brackets <- which(first %in% c("[", "]", "{", "}"))
  place <- 0
  value <- function() {
    place <<- place + 1
    switch(first[place], "{" = object(), "[" = array(), atoms[[place]])
  }
  array <- function() {
    end <- brackets[findInterval(place, brackets) + 1]
    if (first[end] == "]") {
      inside <- seq_len(end - place - 1) + place
      place <<- end
      return(unlist(atoms[inside]))
    }
    made <- list()
    while (first[place + 1] != "]") made[[length(made) + 1]] <- value()
    place <<- place + 1
    made
  }
  object <- function() {
    made <- list()
    while (first[place + 1] != "}") {
      place <<- place + 1
      name <- atoms[[place]]
      made[name] <- list(value())
    }
    place <<- place + 1
    made
  }
  value()
}

need <- function(table, path, names) {
  missing <- setdiff(names, colnames(table))
  if (length(missing)) stop(path, " has no column ", paste(missing, collapse = ", "), call. = FALSE)
  table
}

# What R could not compute here, by the reason; it is told, and counts as no problem.
skipped <- character(0)
skip <- function(reason, count = 1) skipped <<- c(skipped, rep(reason, count))

comparison <- function(part, where, what, ours, theirs, unit) {
  if (!length(what)) return(NULL)
  d <- abs(ours - theirs) / unit
  data.frame(part = part, where = where, what = what, ours = ours, R = theirs,
             difference = ifelse(is.finite(d), d, Inf))
}

compare_row <- function(name, result, ours, theirs) {
  if (is.null(theirs)) return(NULL)
  if (!all(is.finite(theirs)) || theirs[["vi"]] <= 0) {
    problem("%s: not recomputed, its printed figures give R no effect by %s", result, name)
    return(NULL)
  }
  se <- sqrt(theirs[["vi"]])
  comparison("effects", result, c("yi", "vi"), ours[c("yi", "vi")], theirs[c("yi", "vi")], c(se, se^2))
}

IN_SE <- c("estimate", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
IN_SQUARES <- c("tau2", "tau2_lb", "tau2_ub")
PURE <- c("k", "df", "I2", "I2_lb", "I2_ub", "H2", "Q", "Q_df")
CHANCES <- c("pval", "Q_pval")
WORDS <- c("ci_method", "tau2_method", "model")

compare_stratum <- function(where, row, found) {
  for (word in WORDS) if (row[[word]] != found[[word]])
    problem("%s: %s is %s here and %s in R", where, word, row[[word]], found[[word]])
  what <- c(IN_SE, IN_SQUARES, PURE, CHANCES)
  ours <- vapply(what, function(name) as.numeric(row[[name]]), 0)
  theirs <- vapply(what, function(name) as.numeric(found[[name]]), 0)
  size <- pmax(abs(theirs), 1)
  size[IN_SE] <- found$se
  size[IN_SQUARES] <- pmax(found$se^2, abs(theirs[IN_SQUARES]))
  size[CHANCES] <- pmax(abs(theirs[CHANCES]), 1e-300)
  said <- !(is.na(ours) & is.na(theirs))
  comparison("pooled", where, what[said], ours[said], theirs[said], size[said])
}


OF_A_ROW <- c("result", "study", "sample", "domain", "contrast", "better", "scale", "yi", "vi", "derivation",
              "chosen", "never_pooled", "part_of", "fate", "events", "n_arm1", "n_arm2", "totaln_arm2", "label", "year",
              "moderators")
EVENTS <- paste0("events_", c("estimate", "se", "ci_lb", "ci_ub"))

read_effects <- function(root) {
  files <- file.path(root, "results", "effects", paste0(names(settings$scales), ".csv"))
  tables <- lapply(files, function(file) need(read_table(file), file, OF_A_ROW)[OF_A_ROW])
  do.call(rbind, tables)
}

check_rows <- function(effects, outcomes) {
  ours <- outcomes$result[outcomes$domain %in% names(settings$scales)]
  for (result in setdiff(ours, effects$result)) problem("%s: stands in no effects file", result)
  for (result in setdiff(effects$result, ours)) problem("%s: is not in outcomes.csv", result)
  for (result in unique(effects$result[duplicated(effects$result)])) problem("%s: stands twice", result)
  half <- (effects$yi == "") != (effects$vi == "") | (effects$yi == "") != (effects$derivation == "")
  for (result in effects$result[half]) problem("%s: has not all of yi, vi and a derivation", result)
  pooled <- effects$fate == "pooled" & (effects$yi == "" | effects$vi == "")
  for (result in effects$result[pooled]) problem("%s: is pooled without a number", result)
  other <- effects$scale != settings$scales[effects$domain] &
    !(startsWith(effects$scale, "log_") | effects$scale == "fisher_z")
  strange <- effects$yi != "" & other
  for (result in effects$result[strange]) problem("%s: has another scale than its domain", result)
}

# R's effect of one row of the effects files: `i` is its place there and among the printed rows.
recompute_row <- function(i, effects, printed, sharing) {
  name <- effects$derivation[i]
  if (name == WITHIN_ARMS) contrast_of_arms(row_of(printed, i), printed[effects$part_of == effects$result[i], ])
  else if (is.null(DERIVATIONS[[name]])) stop("R has no function for the derivation \"", name, "\"")
  else effect_of(name, row_of(printed, i), sharing)
}

recompute_rows <- function(effects, printed) {
  sharing <- control_shared_by(effects, printed)
  lapply(which(effects$yi != ""), function(i)
    attempt(effects$result[i], recompute_row(i, effects, printed, sharing[i])))
}

# Events pooled without corrections: the tables of the rows that taprev marks.
event_pool <- function(tables) {
  found <- if (settings$events == "peto")
    rma.peto(ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = tables, add = 0, to = "none", drop00 = TRUE,
             level = 100 * settings$level)
  else
    rma.mh(ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = tables, add = 0, to = "none", drop00 = TRUE,
           measure = if (tables$scale[1] == "log_odds_ratio") "OR" else "RR", level = 100 * settings$level)
  c(estimate = as.numeric(found$beta), se = found$se, ci_lb = found$ci.lb, ci_ub = found$ci.ub)
}

compare_events <- function(rows, summary) {
  rows$axis <- axis_of(rows)
  marked <- rows$events == "yes" & settings$events != "inverse_variance"
  key <- paste(rows$domain, rows$contrast, rows$axis)
  made <- character(0)
  found <- lapply(unique(key[marked]), function(one) {
    own <- which(marked & key == one)
    if (length(own) < 2) return(NULL)
    first <- rows[own[1], ]
    axes <- unique(rows$axis[rows$domain == first$domain & rows$contrast == first$contrast & rows$scale != ""])
    where <- paste(first$domain, named(first$contrast, first$axis, axes))
    ours <- summary[paste(summary$domain, summary$stratum) == where & summary$role == "main", ]
    theirs <- suppressWarnings(tryCatch(event_pool(rows[own, ]), error = function(e) NULL))
    stands <- nrow(ours) == 1 && ours$events_estimate != ""
    none <- is.null(theirs) || anyNA(theirs) || any(is.infinite(theirs))
    if (stands == none) problem("%s: events are pooled %s only", where, if (stands) "here" else "in R")
    if (!stands || none) return(NULL)
    made <<- c(made, where)
    ours <- vapply(names(theirs), function(name) as.numeric(ours[[paste0("events_", name)]]), 0)
    comparison("pooled", where, paste("events", names(theirs)), ours, theirs, theirs[["se"]])
  })
  told <- with(summary[summary$events_estimate != "" & summary$role == "main", ], paste(domain, stratum))
  for (where in setdiff(told, made)) problem("%s: events stand in summary.csv and were not recomputed", where)
  do.call(rbind, found)
}

pool_domain <- function(rows) lapply(c(main_strata(rows), combined_strata(rows)), function(stratum) {
  where <- paste(rows$domain[1], stratum$name)
  stratum$domain <- rows$domain[1]
  stratum$scale <- c(stratum$rows$scale, stratum$there$scale)[1]
  stratum$found <- attempt(where, {
    if (anyNA(stratum$rows$yi)) stop("an effect in it was not recomputed")
    counts <- if (stratum$role == "main") counts_of(stratum$there, stratum$rows)
    by_counts <- if (!is.null(counts)) pool_counts(counts)
    if (!is.null(by_counts)) stratum$counts <- counts
    if (!is.null(by_counts)) by_counts
    else if (length(unique(paste(stratum$rows$study, stratum$rows$sample, sep = "\r"))) > 1) pool(stratum$rows)
  })
  stratum
})

# Strata of one name and scale (ratios with either way as better) stand in the order of their axes.
compare_strata <- function(strata, summary) {
  key_of <- function(x) paste(x[["domain"]], x[["role"]], x[["stratum"]], x[["scale"]])
  numbered <- function(keys) paste(keys, ave(seq_along(keys), keys, FUN = seq_along))
  strata <- Filter(function(s) nrow(s$rows) > 0 || !is.null(s$found), strata)
  theirs <- vapply(strata, function(s) key_of(c(s[c("domain", "role", "scale")], stratum = s$name)), "")
  pooled <- summary[summary$estimate != "" | summary$status == "pooled", ]
  ours <- if (nrow(pooled)) numbered(key_of(pooled)) else character(0)
  theirs <- if (length(theirs)) numbered(theirs) else character(0)
  label <- function(key) sub(" 1$", "", key)
  for (key in setdiff(theirs, ours)) problem("%s: is pooled in R and missing in summary.csv", label(key))
  for (key in setdiff(ours, theirs)) problem("%s: stands in summary.csv and was not recomputed", label(key))
  do.call(rbind, lapply(which(theirs %in% ours), function(i) {
    s <- strata[[i]]
    if (is.null(s$found)) return(NULL)
    compare_stratum(label(theirs[i]), pooled[match(theirs[i], ours), ], s$found)
  }))
}


# 6. Small studies and selection -------------------------------------------------------------------------------

# The people of both arms; where there is one arm, of that.
imprecision <- function(d) if (all(is.na(d$n2))) sqrt(1 / d$n1) else sqrt(1 / d$n1 + 1 / d$n2)

number_and_interval <- function(estimate, lb, ub) list(estimate = estimate, ci_lb = lb, ci_ub = ub)

of_line <- function(y, x, w, part) {
  fit <- lm(y ~ x, weights = w)
  told <- summary(fit)$coefficients
  if (part == "slope") return(list(estimate = told[2, 1], se = told[2, 2], pval = told[2, 4]))
  ends <- confint(fit, level = settings$level)
  number_and_interval(told[1, 1], ends[1, 1], ends[1, 2])
}

of_mixed <- function(d, x) {
  fit <- rma(d$yi, d$vi, mods = ~ x, test = "knha", control = list(threshold = 1e-14, maxiter = 10000, stepadj = .5))
  list(estimate = fit$beta[2], se = fit$se[2], pval = fit$pval[2])
}

# Where a study has several samples these are nested in it, with CR2 errors: the slope of a test, the limit of a model.
of_clusters <- function(d, x, part) {
  fit <- nested_fit(d$yi, d$vi, d$study, 0, x)
  robust <- lapply(cr2(fit, d$study), rep_len, 2)
  if (part == "slope") return(c(lapply(robust, `[[`, 2)[c("estimate", "se", "df", "pval")], list(unit = fit$se[2])))
  c(lapply(robust, `[[`, 1)[c("estimate", "ci_lb", "ci_ub")], list(unit = fit$se[1]))
}

of_peters <- function(d) with(d, {
  n <- n1i + n2i
  e <- ai + ci
  of_line(log(ai * (n2i - ci) / (ci * (n1i - ai))), 1 / n, 1 / (1 / e + 1 / (n - e)), "slope")
})

of_harbord <- function(d) with(d, {
  n <- n1i + n2i
  e <- ai + ci
  V <- n1i * n2i * e * (n - e) / (n^2 * (n - 1))
  of_line((ai - n1i * e / n) / V, 1 / sqrt(V), V, "slope")
})

# The likelihood can have two maxima; the higher of those from two starts is taken.
of_selection <- function(d, steps) {
  how <- list(optimizer = "Nelder-Mead", reltol = 1e-15, maxit = 20000)
  near <- c(how, list(beta.init = 0, tau2.init = 1e-4, delta.init = c(1, rep(.05, length(steps)))))
  fit <- rma(d$yi, d$vi, method = "ML", control = list(maxiter = 10000, stepadj = .5))
  found <- lapply(list(how, near), function(control) try(suppressWarnings(
    selmodel(fit, type = "stepfun", steps = steps, alternative = d$side[1], control = control)), silent = TRUE))
  found <- Filter(function(one) !inherits(one, "try-error"), found)
  if (!length(found)) stop("metafor's selection model does not converge")
  best <- found[[which.max(vapply(found, function(one) as.numeric(logLik(one)), 0))]]
  ends <- profile_of_selection(d, steps, best)
  c(list(estimate = as.numeric(best$beta)), ends[is.finite(unlist(ends))])
}

# The log likelihood of a selection model at the mean, tau2 and the logs of the weights after the first.
likelihood_of_selection <- function(d, steps) {
  y <- if (d$side[1] == "less") -d$yi else d$yi
  s <- sqrt(d$vi)
  interval <- findInterval(pnorm(-y / s), steps, left.open = TRUE) + 1
  bounds <- outer(s, qnorm(1 - steps))
  function(mu, others) {
    spread <- sqrt(d$vi + others[1])
    weights <- c(1, exp(others[-1]))
    published <- 1 + pnorm((bounds - mu) / spread) %*% diff(weights)
    sum(log(weights[interval]) + dnorm(y, mu, spread, log = TRUE) - log(published))
  }
}

# The means at which the likelihood, at its highest over all else, has fallen by half a quantile of chi-square.
profile_of_selection <- function(d, steps, fit) {
  ll <- likelihood_of_selection(d, steps)
  sign <- if (d$side[1] == "less") -1 else 1
  low <- c(0, rep(log(1e-8), length(steps)))
  high <- c(Inf, rep(log(100), length(steps)))
  climb <- function(mu, others) {
    for (again in 1:2) others <- nlminb(others, function(at) -ll(mu, at), lower = low, upper = high,
                                        control = list(rel.tol = 1e-13, iter.max = 1000, eval.max = 2000))$par
    others
  }
  top <- sign * as.numeric(fit$beta)
  start <- climb(top, pmin(pmax(c(fit$tau2, log(fit$delta[-1])), low), high))
  floor <- ll(top, start) - qchisq(settings$level, 1) / 2
  bound <- function(side) {
    others <- start
    step <- side * fit$se
    far <- top
    above <- function(mu) {
      others <<- climb(mu, others)
      ll(mu, others) - floor
    }
    for (tries in 1:60) {
      near <- far
      far <- near + step
      step <- 1.5 * step
      if (above(far) < 0) return(uniroot(above, sort(c(near, far)), tol = 1e-9 * fit$se)$root)
    }
    side * Inf
  }
  ends <- sort(sign * c(bound(-1), bound(1)))
  list(ci_lb = ends[1], ci_ub = ends[2])
}

of_filling <- function(d) {
  side <- if (d$side[1] == "less") "right" else "left"
  filled <- suppressWarnings(trimfill(fit_tightly(d$yi, d$vi), side = side))
  wald <- fit_tightly(as.numeric(filled$yi), filled$vi)
  fit <- with_test(wald, if (wald$tau2 > 1e-8 * min(filled$vi)) "hksj" else "wald")
  number_and_interval(as.numeric(fit$beta), fit$ci.lb, fit$ci.ub)
}

# How many times as often significant results on the better side would have to be published for the mean, or its bound
# by CR2, to be nothing.
of_preference <- function(d, method) {
  y <- if (d$side[1] == "less") -d$yi else d$yi
  affirmative <- y / sqrt(d$vi) > qnorm(.975)
  total <- d$vi + fit_tightly(d$yi, d$vi)$tau2
  if (method == "estimate") {
    pulls <- tapply(y / total, affirmative, sum)
    return(list(estimate = max(1, -pulls[["TRUE"]] / pulls[["FALSE"]])))
  }
  if (!has_clubSandwich()) return(list(estimate = NA))
  bound <- function(log_ratio) {
    d$w <- ifelse(affirmative, 1, exp(log_ratio)) / total
    d$y <- y
    clubSandwich::conf_int(lm(y ~ 1, weights = w, data = d), vcov = "CR2", cluster = d$study, target = total,
                           level = settings$level)$CI_L
  }
  if (bound(0) <= 0) return(list(estimate = 1))
  far <- .5
  while (bound(far) > 0) far <- far + .5
  list(estimate = exp(uniroot(bound, c(far - .5, far), tol = 1e-12)$root))
}

of_worst_case <- function(d) {
  sign <- if (d$side[1] == "less") -1 else 1
  rest <- sign * d$yi / sqrt(d$vi) <= qnorm(.975)
  found <- random_effects(d$yi[rest], d$vi[rest])
  number_and_interval(found$estimate, found$ci_lb, found$ci_ub)
}

of_bias <- function(d, unpublished) {
  s <- sqrt(d$vi + fit_tightly(d$yi, d$vi)$tau2)
  p <- length(s) / (length(s) + unpublished)
  list(estimate = dnorm(qnorm(p)) / p * sum(1 / s) / sum(1 / s^2))
}

of_share <- function(d, threshold) {
  sign <- if (d$side[1] == "less") -1 else 1
  found <- random_effects(d$yi, d$vi)
  spread <- fit_tightly(d$yi, d$vi)$se.tau2
  z <- sign * (found$estimate - threshold) / sqrt(found$tau2)
  error <- sqrt(found$se^2 / found$tau2 + (found$estimate - threshold)^2 * spread^2 / (4 * found$tau2^3))
  half <- qnorm((1 + settings$level) / 2) * error
  number_and_interval(pnorm(z), pnorm(z - half), pnorm(z + half))
}

# metafor finds these without derivatives, or with its usual tolerance: they are compared to a thousandth of a standard error.
ROUGH <- c("one_step", "two_steps", "trim_fill")

last_number <- function(detail) as.numeric(sub(".* ", "", detail))

# What R makes of a row of small_studies.csv.
of_small_studies <- function(row, d) {
  by_size <- row$usual_is_sizes
  x <- if (by_size) imprecision(d) else sqrt(d$vi)
  nested <- anyDuplicated(d$study) > 0
  test <- function(x) if (nested) of_clusters(d, x, "slope") else of_mixed(d, x)
  model <- function(x) if (nested) of_clusters(d, x, "limit") else of_line(d$yi, x, 1 / d$vi, "limit")
  switch(paste(row$kind, row$method),
    "test sizes" = test(imprecision(d)),
    "test egger" = test(sqrt(d$vi)),
    "test peters" = of_peters(d),
    "test harbord" = of_harbord(d),
    "model pet" = model(x),
    "model peese" = model(if (by_size) x^2 else d$vi),
    "model one_step" = of_selection(d, .025),
    "model two_steps" = of_selection(d, c(.025, .5)),
    "model trim_fill" = of_filling(d),
    "preference estimate" = , "preference bound" = of_preference(d, row$method),
    "worst case " = of_worst_case(d),
    "largest bias " = of_bias(d, last_number(row$detail)),
    "share better" = , "share important" = of_share(d, last_number(row$detail)))
}

# One effect of each sample, with its people, the larger number where its results have several, and its table of events.
with_sizes <- function(rows) {
  held <- samples_of(rows)
  d <- cbind(composites(rows), rows[held$first, c("ai", "n1i", "ci", "n2i")])
  most <- function(column) vapply(split(suppressWarnings(as.numeric(column)), held$sample), function(n)
    if (all(is.na(n))) NA_real_ else max(n, na.rm = TRUE), 0)
  d$n1 <- most(rows$n_arm1)
  d$n2 <- most(rows$n_arm2)
  d
}

compare_small_studies <- function(strata, table) {
  table <- table[table$estimate != "", ]
  key_of <- function(x) paste(x[["domain"]], x[["stratum"]])
  made <- lapply(strata, function(s) {
    own <- table[key_of(table) == key_of(list(domain = s$domain, stratum = s$name)), ]
    if (!nrow(own) || is.null(s$found)) return(NULL)
    d <- with_sizes(s$rows)
    d$side <- own$side[1]
    own$usual_is_sizes <- any(own$method == "sizes" & own$usual == "yes")
    do.call(rbind, lapply(seq_len(nrow(own)), function(i) {
      row <- own[i, ]
      where <- trimws(paste(key_of(row), row$kind, row$method))
      found <- attempt(where, of_small_studies(row, d))
      what <- intersect(names(found), c("estimate", "se", "ci_lb", "ci_ub", "pval"))
      known <- what[!is.na(unlist(found[what]))]
      skip("errors of nested effects, because clubSandwich is not installed", length(what) - length(known))
      unit <- if (row$kind == "share") 1 else if (row$kind == "preference") as.numeric(row$estimate) else c(found$unit, found$se, s$found$se)[1]
      if (row$method %in% ROUGH) unit <- 1000 * unit
      comparison("small studies", where, known, as.numeric(unlist(row[known])), unlist(found[known]),
                 ifelse(known == "pval", pmax(found$pval, 1e-300), unit))
    }))
  })
  do.call(rbind, made)
}


# 7. Effects and pools under other choices ---------------------------------------------------------------------
#
# results/effects/variants holds the effects of a domain under every combination of the choices that affect them. The
# choices are its `axes`; each result has numbers over the axes by which it varies, the last changing fastest, and none
# where it does not stand for its sample. Which result stands where is read; its effects are computed from the printed
# figures, under the assumptions of each combination, and pooled.

ASSUMED <- c("r_pre_post", "icc", "overdispersion", "retained")
NUMBERS <- c("k", "estimate", "ci_lb", "ci_ub", "tau2")
MOST_COMBINATIONS <- 20000 # beyond these taprev makes no multiverse
MOST_LEFT_OUT <- c(effects = 1000, counts = 100, events = 20000) # beyond these it leaves no study out

levels_of <- function(name) {
  values <- sort(unique(c(settings$grids[[name]], settings[[name]])))
  if (is.na(settings[[name]])) c(NA, values) else values
}

# What an expression gives under other settings.
under <- function(changes, expression) {
  usual <- settings
  on.exit(settings <<- usual)
  settings[names(changes)] <<- changes
  expression
}

# Every combination of so many levels as rows, the last changing fastest; and the place of such rows among them.
combinations <- function(sizes) {
  if (!length(sizes)) return(matrix(0L, 1, 0))
  unname(as.matrix(rev(expand.grid(lapply(rev(sizes), seq_len)))))
}
place_among <- function(levels, sizes) {
  strides <- rev(cumprod(c(1, rev(sizes)))[seq_along(sizes)])
  drop((levels - 1) %*% strides) + 1
}
in_words <- function(axes, levels) {
  named <- Map(function(name, words, level) paste0(name, ": ", words[level]), axes$names, axes$levels,
               lapply(seq_along(axes$names), function(i) levels[, i]))
  if (length(named)) do.call(paste, c(unname(named), sep = "; ")) else ""
}
some <- function(axes, which) lapply(axes, `[`, which)

read_variants <- function(path) {
  held <- read_json(path)
  axes <- list(names = vapply(held$axes, `[[`, "", "name"), levels = lapply(held$axes, `[[`, "levels"),
               usual = vapply(held$axes, `[[`, 0, "usual") + 1)
  list(axes = axes, results = held$results)
}

# Of an arm that the review leaves out, the other arm is not named in the effects file.
other_arm <- function(i, effects, printed) {
  if (effects$derivation[i] == WITHIN_ARMS) return(which(effects$part_of == effects$result[i]))
  if (effects$fate[i] != "excluded" || or_blank(row_of(printed, i), "arm") != "programme") return(integer(0))
  same <- c("domain", "study", "sample", "timepoint")
  which(printed$arm == "comparator" & effects$scale == effects$scale[i] &
          Reduce(`&`, lapply(same, function(name) printed[[name]] == printed[[name]][i])))
}

# The effects of a result, as (yi, vi) for each combination of the axes by which it varies. Where control groups are
# divided, between how many arms may depend on which results are left out: of the possible numbers that is read which
# comes closest.
of_variant <- function(variant, axes, effects, printed, sharing) {
  i <- match(variant$result, effects$result)
  comparator <- other_arm(i, effects, printed)
  parts <- if (settings$shared_control == "split") seq_along(unique(printed$sample[printed$study == printed$study[i]]))
           else sharing[i]
  levels <- combinations(lengths(axes$levels))
  assumed <- which(axes$names %in% ASSUMED)
  there <- !is.na(variant$yi)
  key <- place_among(levels[, assumed, drop = FALSE], lengths(axes$levels)[assumed])
  found <- matrix(NA_real_, nrow(levels), 2)
  for (at in split(which(there), key[there])) {
    taken <- lapply(assumed, function(a) levels_of(axes$names[a])[levels[at[1], a]])
    made <- under(setNames(taken, axes$names[assumed]), vapply(parts, function(divided)
      if (length(comparator)) contrast_of_arms(row_of(printed, i), printed[comparator, ])
      else recompute_row(i, effects, printed, divided), c(yi = 0, vi = 0)))
    for (one in at) {
      far <- abs(made["yi", ] - variant$yi[one]) / sqrt(made["vi", ]) + abs(made["vi", ] / variant$vi[one] - 1)
      found[one, ] <- made[, which.min(far)]
    }
  }
  found
}

# The results of a domain with their effects over all combinations, from R and, to be compared, from the file.
variants_of <- function(held, effects, printed) {
  levels <- combinations(lengths(held$axes$levels))
  sharing <- control_shared_by(effects, printed)
  compared <- list()
  results <- lapply(held$results, function(variant) {
    over <- as.integer(variant$varies) + 1
    axes <- some(held$axes, over)
    found <- attempt(paste(variant$result, "under other choices"), of_variant(variant, axes, effects, printed, sharing))
    if (is.null(found)) found <- matrix(NA_real_, length(variant$yi), 2)
    there <- which(!is.na(variant$yi) & !is.na(found[, 1]))
    said <- in_words(axes, combinations(lengths(axes$levels)))[there]
    se <- sqrt(found[there, 2])
    compared[[length(compared) + 1]] <<- rbind(
      comparison("other effects", variant$result, trimws(paste(said, "yi")), variant$yi[there], found[there, 1], se),
      comparison("other effects", variant$result, trimws(paste(said, "vi")), variant$vi[there], found[there, 2], se^2))
    place <- place_among(levels[, over, drop = FALSE], lengths(axes$levels))
    axis <- axis_of(as.data.frame(variant[c("scale", "better")]))
    c(variant[c("result", "study", "sample", "contrast")],
      list(axis = axis, poolable = variant$poolable[place], yi = found[place, 1], vi = found[place, 2],
           lost = any(!is.na(variant$yi) & is.na(found[, 1]))))
  })
  list(axes = held$axes, results = results, compared = do.call(rbind, compared))
}

# What is printed of a pool under another choice, and its standard error; nothing but k of fewer than two effects.
pooled_otherwise <- function(yi, vi, method = settings$tau2_method) {
  k <- length(yi)
  if (k < 2) return(c(k, NA, NA, NA, NA, NA))
  wald <- fit_tightly(yi, vi, method)
  fit <- with_test(wald, interval_method(wald, yi, vi))
  c(k, fit$beta, fit$ci.lb, fit$ci.ub, wald$tau2, fit$se)
}

# Many sets of effects, each a list of yi, vi and method. Different choices often lead to one set, which is fitted once.
pools_of <- function(sets) {
  key <- vapply(sets, function(s) paste(c(s$method, sprintf("%a", c(s$yi, s$vi))), collapse = " "), "")
  first <- !duplicated(key)
  fits <- vapply(sets[first], function(s) pooled_otherwise(s$yi, s$vi, s$method), numeric(6))
  made <- t(fits)[match(key, key[first]), , drop = FALSE]
  colnames(made) <- c(NUMBERS, "se")
  made
}

# All pools of the results of one contrast and axis, with the axes of rho and of estimators of tau2 after the others.
multiverse_of <- function(own, axes) {
  if (any(vapply(own, `[[`, NA, "lost"))) stop("an effect in it was not recomputed")
  matrix_of <- function(name) do.call(rbind, lapply(own, function(one) ifelse(one$poolable, one[[name]], NA)))
  yi <- matrix_of("yi")
  vi <- matrix_of("vi")
  people <- vapply(own, function(one) paste(one$study, one$sample, sep = "\r"), "")
  there <- !is.na(yi)
  sums <- function(x) rowsum(ifelse(there, x, 0), people, reorder = FALSE)
  m <- sums(1)
  rho <- if (max(m) > 1) levels_of("rho") else settings$rho
  methods <- unique(c(settings$tau2_method, settings$tau2_methods))
  axes <- list(names = c(axes$names, "rho", "tau2_method"),
               levels = c(axes$levels, list(sprintf("%g", rho), methods)),
               usual = c(axes$usual, match(settings$rho, rho), 1))
  if (prod(lengths(axes$levels)) > MOST_COMBINATIONS) return(NULL)
  Y <- sums(yi) / m
  V <- lapply(rho, function(r) ((1 - r) * sums(vi) + r * sums(sqrt(vi))^2) / m^2)
  sets <- list()
  for (column in seq_len(ncol(Y))) for (r in seq_along(rho)) for (method in methods) {
    held <- m[, column] > 0
    sets[[length(sets) + 1]] <- list(yi = Y[held, column], vi = V[[r]][held, column], method = method)
  }
  list(axes = axes, levels = combinations(lengths(axes$levels)), numbers = pools_of(sets))
}

# For each axis the combinations in which it alone has another level than usual.
one_at_a_time <- function(axes) lapply(seq_along(axes$names), function(i) {
  levels <- matrix(axes$usual, length(axes$levels[[i]]), length(axes$usual), byrow = TRUE)
  levels[, i] <- seq_len(nrow(levels))
  place_among(levels, lengths(axes$levels))
})

# Which axes move a number by more than R and taprev may differ.
moving <- function(whole) vapply(seq_along(whole$axes$names), function(i) {
  levels <- whole$levels
  levels[, i] <- whole$axes$usual[i]
  usual <- whole$numbers[place_among(levels, lengths(whole$axes$levels)), , drop = FALSE]
  gone <- is.na(usual[, "se"]) != is.na(whole$numbers[, "se"])
  far <- abs(usual[, "estimate"] - whole$numbers[, "estimate"]) / usual[, "se"] > LIMIT
  any(gone | (!is.na(far) & far))
}, NA)

# Lines of a table against those of R, number by number.
compare_lines <- function(part, where, what, ours, theirs, numbers = NUMBERS) {
  ours <- vapply(ours[numbers], as.numeric, numeric(nrow(ours)))
  dim(ours) <- c(length(what), length(numbers))
  se <- ifelse(is.na(theirs[, "se"]), 1, theirs[, "se"])
  unit <- cbind(k = 1, estimate = se, ci_lb = se, ci_ub = se, tau2 = pmax(se^2, abs(theirs[, "tau2"]), na.rm = TRUE))
  theirs <- theirs[, numbers, drop = FALSE]
  said <- !(is.na(ours) & is.na(theirs))
  comparison(part, where, outer(what, numbers, paste)[said], ours[said], theirs[said], unit[, numbers][said])
}

# Which choices have a column in the multiverse of a stratum is read from its combinations.
factors_in <- function(table, axes) {
  text <- if (nrow(table)) table$combination[1] else ""
  vapply(axes$names, function(name) grepl(paste0("(^|; )", name, ": "), text), NA)
}

# The combinations in which these axes have their usual level.
with_usual <- function(whole, axes)
  which(colSums(t(whole$levels[, axes, drop = FALSE]) != whole$axes$usual[axes]) == 0)

# What results/synthesis says of all combinations together, and of how far each choice moves the estimate.
compare_range <- function(where, table, whole, told) {
  held <- factors_in(table, whole$axes)
  if (!is.list(told) || !any(held)) return(NULL)
  rows <- with_usual(whole, !held)
  estimate <- whole$numbers[rows, "estimate"]
  known <- estimate[!is.na(estimate)]
  usual <- whole$numbers[with_usual(whole, held | !held), ]
  side <- sign(if (is.na(usual[["estimate"]])) median(known) else usual[["estimate"]])
  unit <- if (is.na(usual[["se"]])) median(whole$numbers[rows, "se"], na.rm = TRUE) else usual[["se"]]
  moves <- lapply(which(held), function(i) {
    others <- place_among(whole$levels[rows, held & seq_along(held) != i, drop = FALSE],
                          lengths(whole$axes$levels)[held & seq_along(held) != i])
    moved <- vapply(split(estimate, others), function(line) {
      line <- line[!is.na(line)]
      if (length(line) > 1) diff(range(line)) else NA_real_
    }, 0)
    if (all(is.na(moved))) c(NA, NA) else c(median(moved, na.rm = TRUE), max(moved, na.rm = TRUE))
  })
  theirs <- c(length(known), sum(sign(known) == side), min(known), median(known), max(known), unlist(moves))
  ours <- c(told$estimable, told$same_sign, told$lowest, told$median, told$highest,
            unlist(lapply(told$factors, function(one) c(one$moves, one$moves_most))))
  what <- c("estimable", "same_sign", "lowest", "median", "highest",
            outer(c("moves", "moves_most"), whole$axes$names[held], function(number, name) paste(name, number)))
  said <- !(is.na(ours) & is.na(theirs))
  comparison("multiverse", where, what[said], ours[said], theirs[said], c(1, 1, rep(unit, length(what) - 2))[said])
}

compare_multiverse <- function(where, table, whole) {
  held <- factors_in(table, whole$axes)
  for (name in whole$axes$names[moving(whole) & !held])
    problem("%s: another %s moves the number in R and is missing in multiverse.csv", where, name)
  if (!any(held)) return(NULL)
  rows <- with_usual(whole, !held)
  said <- in_words(some(whole$axes, held), whole$levels[rows, held, drop = FALSE])
  for (lost in setdiff(said, table$combination)) problem("%s: %s is missing in multiverse.csv", where, lost)
  for (lost in setdiff(table$combination, said))
    problem("%s: %s stands in multiverse.csv and was not recomputed", where, lost)
  both <- table$combination %in% said
  compare_lines("multiverse", where, table$combination[both], table[both, ],
                whole$numbers[rows[match(table$combination[both], said)], , drop = FALSE])
}

# The lines that sensitivity.csv should hold of a stratum, kind by kind: the level, and the numbers.
lines_of <- function(factor, level, numbers) list(list(factor = factor, level = level, numbers = numbers))

lines_of_choices <- function(whole, factors, pooled) {
  made <- Map(function(name, levels, places) {
    numbers <- whole$numbers[places, , drop = FALSE]
    if (name %in% factors && (pooled || any(!is.na(numbers[, "estimate"])))) lines_of(name, levels, numbers)
  }, whole$axes$names, whole$axes$levels, one_at_a_time(whole$axes))
  do.call(c, unname(made))
}

lines_of_studies <- function(rows) {
  d <- composites(rows)
  if (nrow(d) < 2 || nrow(d) > MOST_LEFT_OUT[["effects"]]) return(NULL)
  first <- match(d$study, rows$study)
  year <- as.numeric(rows$year[first])
  year[is.na(year)] <- Inf
  part_of <- function(kept) list(yi = d$yi[kept], vi = d$vi[kept], method = settings$tau2_method)
  studies <- unique(d$study)
  steps <- sort(unique(year))
  c(lines_of("leave_one_out", rows$label[match(studies, rows$study)],
             pools_of(lapply(studies, function(one) part_of(d$study != one)))),
    lines_of("cumulative", rep(NA, length(steps)), pools_of(lapply(steps, function(last) part_of(year <= last)))))
}

# The intervals that other methods give the same effects; hc() stops early unless it is told not to.
lines_of_intervals <- function(rows) {
  d <- composites(rows)
  k <- nrow(d)
  wald <- fit_tightly(d$yi, d$vi)
  methods <- c("wald", if (any(d$yi != d$yi[1])) "hksj", "hksj_modified")
  by_test <- vapply(methods, function(method) {
    fit <- with_test(wald, method)
    c(k, fit$beta, fit$ci.lb, fit$ci.ub, wald$tau2, fit$se)
  }, numeric(6))
  copas <- hc(wald, control = list(tol = 1e-13, maxiter = 10000))
  made <- cbind(by_test, c(k, profile_of_mean(d$yi, d$vi), wald$se),
                c(k, copas$beta, copas$ci.lb, copas$ci.ub, copas$tau2, copas$se))
  level <- c(c(wald = "Wald", hksj = "HKSJ", hksj_modified = "modified HKSJ")[methods], "profile likelihood",
             "Henmi and Copas")
  if (k %in% PERMUTED && 2^(1 - k) < 1 - settings$level) {
    exact <- permuted(d$yi, d$vi)
    made <- cbind(made, c(k, exact$numbers))
    level <- c(level, sprintf("exact permutation test (p %.3f)", exact$pval))
  }
  lines_of("interval", unname(level), named_lines(made))
}

# Hardy and Thompson 1996: the likelihood of the mean at its highest over tau2, found on a grid and then refined.
profile_of_mean <- function(yi, vi) {
  fit <- fit_tightly(yi, vi, "ML")
  grid <- (min(vi) + var(yi)) * c(0, 10^seq(-7, 3, length.out = 100))
  height <- function(mu) {
    ll <- function(tau2) -(sum(log(vi + tau2)) + sum((yi - mu)^2 / (vi + tau2))) / 2
    at <- which.max(vapply(grid, ll, 0))
    between <- grid[c(max(at - 1, 1), min(at + 1, length(grid)))]
    max(ll(grid[at]), optimize(ll, between, maximum = TRUE, tol = 1e-12 * max(between))$objective)
  }
  floor <- height(fit$beta[1]) - qchisq(settings$level, 1) / 2
  bound <- function(side) {
    far <- fit$se
    while (height(fit$beta[1] + side * far) > floor) far <- 2 * far
    uniroot(function(mu) height(mu) - floor, sort(fit$beta[1] + c(0, side * far)), tol = 1e-12 * far)$root
  }
  c(fit$beta[1], bound(-1), bound(1), fit$tau2)
}

# Every choice of signs of the effects, with the estimate of DerSimonian and Laird over its error as the statistic, and
# the effects that the test does not refuse.
PERMUTED <- 6:10
permuted <- function(yi, vi) {
  signs <- as.matrix(expand.grid(rep(list(c(1, -1)), length(yi))))
  w <- 1 / vi
  statistic <- function(y) {
    mean <- drop(y %*% w) / sum(w)
    Q <- drop(y^2 %*% w) - sum(w) * mean^2
    weights <- 1 / outer(pmax(0, (Q - length(w) + 1) / (sum(w) - sum(w^2) / sum(w))), vi, `+`)
    abs(rowSums(weights * y)) / sqrt(rowSums(weights))
  }
  pval <- function(mu) {
    z <- statistic(t(t(signs) * (yi - mu)))
    mean(z >= z[1] - 1e-8 * (1 + z[1]))
  }
  fit <- rma(yi, vi, method = "DL")
  bound <- function(side) {
    near <- fit$beta[1]
    far <- near + side * fit$se
    while (pval(far) > 1 - settings$level) {
      near <- far
      far <- fit$beta[1] + 3 * (far - fit$beta[1])
    }
    for (step in 1:60) {
      middle <- (near + far) / 2
      if (pval(middle) > 1 - settings$level) near <- middle else far <- middle
    }
    near
  }
  list(pval = pval(0), numbers = c(fit$beta[1], bound(-1), bound(1), fit$tau2, fit$se))
}

# Effects nested in studies, whatever the headline is: three levels, and each correlation of the grid. Some models have
# no number in taprev, because CR2 does not exist where one study alone determines a coefficient.
lines_of_dependence <- function(rows, told) {
  if (!anyDuplicated(rows$study)) return(NULL)
  rho <- sort(unique(c(0, settings$grids$rho, settings$rho)))
  made <- vapply(seq_along(rho), function(i) {
    r <- rho[i]
    if (told$estimate[i] %in% "") return(c(nrow(rows), NA, NA, NA, NA, NA))
    fit <- nested_fit(rows$yi, rows$vi, rows$study, r)
    robust <- cr2(fit, rows$study)
    se <- if (is.na(robust$se)) fit$se else robust$se
    c(nrow(rows), robust$estimate, robust$ci_lb, robust$ci_ub, sum(fit$sigma2), se)
  }, numeric(6))
  level <- ifelse(rho == 0, "three levels", sprintf("correlated effects, rho %g", rho))
  lines_of("dependence", level, named_lines(made))
}
named_lines <- function(columns) {
  made <- t(columns)
  colnames(made) <- c(NUMBERS, "se")
  made
}

# Log odds ratios as standardised differences, d = log OR sqrt(3)/pi (Hasselblad and Hedges 1995), or the reverse: they
# join a stratum where their sample has no effect on its scale.
lines_of_conversion <- function(rows, place) {
  to_smd <- startsWith(place$axis, "smd_")
  factor <- if (to_smd) sqrt(3) / pi else pi / sqrt(3)
  poolable <- rows[rows$contrast == place$contrast & rows$chosen == "yes" & rows$never_pooled == "" & !is.na(rows$yi), ]
  own <- poolable[poolable$axis == place$axis, ]
  people <- function(d) paste(d$study, d$sample, sep = "\r")
  other <- if (to_smd) "log_odds_ratio" else "smd"
  turned <- poolable[poolable$scale == other & !(people(poolable) %in% people(own)), ]
  lower <- if (to_smd) turned$better == "lower" else endsWith(place$axis, "_lower")
  turned$yi <- ifelse(lower, -1, 1) * factor * turned$yi
  turned$vi <- factor^2 * turned$vi
  d <- composites(rbind(own, turned))
  lines_of("conversion", NA, named_lines(cbind(pooled_otherwise(d$yi, d$vi))))
}

# A stratum pooled by counts, by other models and without each study.
lines_of_counts <- function(stratum) {
  counts <- stratum$counts
  tables <- counts$tables
  as_line <- function(found, k = NA) {
    if (is.null(found)) return(c(k, NA, NA, NA, NA, NA))
    c(found$k, found$estimate, found$ci_lb, found$ci_ub, found$tau2, found$se)
  }
  inverse <- function(yi, vi) pooled_otherwise(c(yi, counts$others$yi), c(vi, counts$others$vi))
  printed <- tables[!is.na(tables$yi), ]
  telling <- tables[tables$telling, ]
  half <- is.na(telling$yi)
  added <- escalc(if (counts$odds) "OR" else "RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = telling[half, ],
                  add = .5, to = "all")
  telling$yi[half] <- added$yi
  telling$vi[half] <- added$vi
  made <- cbind(as_line(stratum$found), inverse(printed$yi, printed$vi), inverse(telling$yi, telling$vi))
  level <- c(if (counts$odds) "exact likelihood" else "Mantel-Haenszel", "inverse variance, without the empty cells",
             "inverse variance, 0.5 added where a cell is empty")
  if (!nrow(counts$others) && counts$odds) {
    common <- lapply(c("mantel_haenszel", "peto"), function(events) tryCatch(
      under(list(events = events), suppressWarnings(event_pool(tables))), error = function(e) NULL))
    made <- cbind(made, vapply(common, function(found)
      if (is.null(found) || !all(is.finite(found))) c(nrow(tables), NA, NA, NA, NA, NA)
      else c(sum(tables$telling), found[c("estimate", "ci_lb", "ci_ub")], NA, found["se"]), numeric(6)))
    level <- c(level, "Mantel-Haenszel, one common effect", "Peto, one common effect")
  }
  lines <- lines_of("model", level, named_lines(made))
  many <- nrow(tables) + nrow(counts$others) > MOST_LEFT_OUT[["counts"]]
  if (many || sum(tables$ai, tables$ci) > MOST_LEFT_OUT[["events"]]) return(lines)
  telling <- c(tables$study[tables$telling], counts$others$study)
  studies <- intersect(c(tables$study, counts$others$study), telling)
  left <- vapply(studies, function(one) {
    kept <- list(odds = counts$odds, tables = tables[tables$study != one, ],
                 others = counts$others[counts$others$study != one, ])
    k <- sum(kept$tables$telling) + nrow(kept$others)
    as_line(if (k > 1) pool_counts(kept), k)
  }, numeric(6))
  c(lines, lines_of("leave_one_out", stratum$there$label[match(studies, stratum$there$study)], named_lines(left)))
}

# Effects that are shown and not pooled, one choice at a time. Their lines name the level and, at the end, the result.
compare_shown <- function(where, table, variants) {
  half <- qnorm((1 + settings$level) / 2)
  axes <- variants$axes
  places <- one_at_a_time(axes)
  do.call(rbind, lapply(variants$results, function(one) {
    do.call(rbind, lapply(seq_along(axes$names), function(i) {
      own <- table[table$factor == axes$names[i] & endsWith(table$level, paste0("(", one$result, ")")), ]
      if (!nrow(own)) return(NULL)
      level <- vapply(own$level, function(said) which(startsWith(said, paste0(axes$levels[[i]], ": ")))[1], 0L)
      place <- places[[i]][level]
      yi <- one$yi[place]
      se <- sqrt(one$vi[place])
      found <- cbind(k = 1 * !is.na(yi), estimate = yi, ci_lb = yi - half * se, ci_ub = yi + half * se, tau2 = NA,
                     se = se)
      compare_lines("sensitivity", where, paste(own$factor, own$level), own, found)
    }))
  }))
}

# The lines of one kind stand in the order in which R makes them; where a level has a name, it is that of R.
compare_kind <- function(where, table, expected) {
  kind <- expected$factor
  own <- table[table$factor == kind, ]
  lines <- nrow(expected$numbers)
  if (nrow(own) != lines) {
    problem("%s: sensitivity.csv holds %d lines of %s, R makes %d", where, nrow(own), kind, lines)
    return(NULL)
  }
  strange <- !is.na(expected$level) & !startsWith(own$level, ifelse(is.na(expected$level), "", expected$level))
  for (i in which(strange)) problem("%s: %s is %s here and %s in R", where, kind, own$level[i], expected$level[i])
  numbers <- NUMBERS
  if (kind == "dependence" && !has_clubSandwich()) {
    numbers <- setdiff(NUMBERS, c("ci_lb", "ci_ub"))
    skip("intervals of nested effects, because clubSandwich is not installed", 2 * nrow(own))
  }
  compare_lines("sensitivity", where, paste(own$factor, own$level), own, expected$numbers, numbers)
}

compare_sensitivity <- function(where, table, lines, variants) {
  shown <- grepl(": .*\\([^()]*\\)$", table$level) & table$factor %in% variants$axes$names
  whole <- table[!shown, ]
  kinds <- vapply(lines, `[[`, "", "factor")
  for (name in setdiff(whole$factor, kinds))
    problem("%s: lines of %s stand in sensitivity.csv and were not recomputed", where, name)
  rbind(do.call(rbind, lapply(lines, function(expected) compare_kind(where, whole, expected))),
        if (any(shown)) compare_shown(where, table[shown, ], variants))
}

# The name of the stratum of a contrast and axis, as in section 4; of an axis that has none, both.
name_of_stratum <- function(contrast, axis, rows, domain) {
  own <- rows[rows$contrast == contrast, ]
  axes <- unique(own$axis[own$scale != ""])
  if (!length(axes) && nrow(own)) {
    known <- rows$axis[rows$scale != "" & (rows$yi != "" | rows$fate %in% c("counted", "empty_cell"))]
    axes <- c(sort(known, method = "radix"), paste0(settings$scales[[domain]], "_higher"))[1]
  }
  if (axis %in% axes) named(contrast, axis, axes) else paste(contrast, axis, sep = "_")
}

# The reverse, for a stratum without a variant.
place_of_name <- function(name, rows) {
  contrast <- Filter(function(one) startsWith(name, one), CONTRASTS)[1]
  axis <- if (name == contrast) rows$axis[rows$contrast == contrast & rows$scale != ""][1]
          else substring(name, nchar(contrast) + 2)
  list(contrast = contrast, axis = axis)
}

# One domain: the effects of its variants, and its lines in both tables.
compare_choices <- function(domain, variants, strata, effects, own_rows, sensitivity, multiverse, content) {
  rows <- effects[effects$domain == domain & effects$fate != "excluded", ]
  rows$axis <- axis_of(rows)
  places <- unique(lapply(variants$results, `[`, c("contrast", "axis")))
  names <- vapply(places, function(p) name_of_stratum(p$contrast, p$axis, rows, domain), "")
  keys <- unique(c(names, vapply(strata, `[[`, "", "name"), sensitivity$stratum, multiverse$stratum))
  made <- lapply(keys, function(name) {
    where <- paste(domain, name)
    stratum <- Filter(function(s) s$name == name, strata)[1][[1]]
    place <- places[match(name, names)][[1]]
    wanted <- is.null(stratum$counts) && !is.null(place)
    whole <- if (wanted) attempt(paste(where, "under other choices"), multiverse_of(Filter(function(one)
      one$contrast == place$contrast && one$axis == place$axis, variants$results), variants$axes))
    if (wanted && all(is.na(whole$numbers[, "estimate"]))) whole <- NULL
    own <- multiverse[multiverse$stratum == name, ]
    if (nrow(own) && is.null(whole)) problem("%s: stands in multiverse.csv and was not recomputed", where)
    compare_one <- function() {
      pooled <- !is.null(stratum$found)
      table <- sensitivity[sensitivity$stratum == name, ]
      lines <- attempt(where, c(
        if (!is.null(whole)) lines_of_choices(whole, whole$axes$names[factors_in(own, whole$axes)], pooled),
        if (!is.null(stratum$counts)) lines_of_counts(stratum)
        else if (pooled) c(lines_of_studies(stratum$rows), lines_of_intervals(stratum$rows),
                         lines_of_dependence(stratum$rows, table[table$factor == "dependence", ])),
        if (any(table$factor == "conversion")) lines_of_conversion(own_rows, place_of_name(name, rows))))
      compare_sensitivity(where, table, lines, variants)
    }
    told <- Filter(function(one) one$name == name, c(content$strata, content$outside))[1][[1]]
    rbind(if (!is.null(multiverse) && !is.null(whole)) compare_multiverse(where, own, whole),
          if (!is.null(multiverse) && !is.null(whole) && is.list(told$panel))
            compare_range(where, own, whole, told$panel$multiverse),
          if (!is.null(sensitivity)) compare_one())
  })
  rbind(variants$compared, do.call(rbind, made))
}


# 8. Moderators and the influence of each study ----------------------------------------------------------------
#
# These stand in results/synthesis. A moderator is refused there or examined, as groups or as a number.

UNSAID <- c("", "not_reported", "not reported", "not_coded", "not coded")
POINTS_OF_A_LINE <- 25

# What the results of each sample say in a column, each word once.
values_of <- function(rows, column) {
  told <- vapply(rows$moderators, function(text) if (text == "") "" else c(as_read(text)[[column]], "")[1], "",
                 USE.NAMES = FALSE)
  vapply(split(told, samples_of(rows)$sample), function(words)
    paste(sort(unique(words[words != ""]), method = "radix"), collapse = " and "), "", USE.NAMES = FALSE)
}

compare_named <- function(where, prefix, ours, theirs, se) {
  what <- intersect(names(theirs), names(ours))
  theirs <- vapply(theirs[what], as.numeric, 0)
  ours <- vapply(ours[what], function(one) if (is.null(one)) NA_real_ else as.numeric(one), 0)
  unit <- pmax(abs(theirs), 1)
  unit[what %in% c("yi", IN_SE)] <- se
  squares <- what %in% c("vi", "tau2", "tau2_without")
  unit[squares] <- pmax(se^2, abs(theirs[squares]))
  chances <- endsWith(what, "pval")
  unit[chances] <- pmax(abs(theirs[chances]), 1e-300)
  said <- !(is.na(ours) & is.na(theirs))
  comparison("moderators", where, paste(prefix, what)[said], ours[said], theirs[said], unit[said])
}

of_group <- function(yi, vi) {
  wald <- fit_tightly(yi, vi)
  method <- if (length(yi) == 1) "wald" else interval_method(wald, yi, vi)
  fit <- with_test(wald, method)
  list(k = fit$k, estimate = as.numeric(fit$beta), se = fit$se, ci_lb = fit$ci.lb, ci_ub = fit$ci.ub, tau2 = wald$tau2,
       I2 = if (fit$k == 1) 0 else wald$I2, Q = if (fit$k == 1) 0 else wald$QE, Q_df = fit$k - 1,
       Q_pval = if (fit$k == 1) 1 else wald$QEp, ci_method = method, wald = wald$se)
}

compare_subgroups <- function(where, told, d) {
  levels <- unique(d$value)
  made <- lapply(levels, function(level) of_group(d$yi[d$value == level], d$vi[d$value == level]))
  if (!identical(levels, vapply(told$groups, `[[`, "", "level"))) {
    problem("%s: has other groups in R", where)
    return(NULL)
  }
  groups <- Map(function(level, ours, theirs) {
    if (ours$ci_method != theirs$ci_method)
      problem("%s: ci_method of %s is %s here and %s in R", where, level, ours$ci_method, theirs$ci_method)
    compare_named(where, level, ours, theirs[setdiff(names(theirs), c("ci_method", "wald"))], theirs$se)
  }, levels, told$groups, made)
  estimates <- vapply(made, `[[`, 0, "estimate")
  w <- 1 / vapply(made, `[[`, 0, "wald")^2
  Q <- sum(w * (estimates - sum(w * estimates) / sum(w))^2)
  between <- list(Q = Q, Q_df = length(levels) - 1, Q_pval = pchisq(Q, length(levels) - 1, lower.tail = FALSE))
  rbind(do.call(rbind, unname(groups)), compare_named(where, "between groups", told, between, 1))
}

# Coefficients by Knapp and Hartung's test, or by CR2 where a study has several samples; the test of one slope alone is
# the square of its t.
coefficients_of <- function(fit, study, nested) {
  if (nested) {
    found <- cr2(fit, study)
    return(c(found, list(QM = (found$estimate / found$se)[2]^2, QM_df2 = found$df[2], QM_pval = found$pval[2])))
  }
  fit <- with_test(fit, "hksj")
  list(estimate = as.numeric(fit$beta), se = fit$se, df = rep(fit$k - fit$p, fit$p), ci_lb = fit$ci.lb,
       ci_ub = fit$ci.ub, pval = fit$pval, QM = fit$QM, QM_df2 = fit$k - fit$p, QM_pval = fit$QMp)
}

compare_regression <- function(where, told, line, d) {
  nested <- anyDuplicated(d$study) > 0
  fit <- fit_tightly(d$yi, d$vi, "REML", d$x)
  without <- fit_tightly(d$yi, d$vi, "REML")$tau2
  found <- coefficients_of(fit, d$study, nested)
  of <- function(found, i) {
    one <- lapply(found[c("estimate", "se", "df", "ci_lb", "ci_ub", "pval")], function(numbers) rep_len(numbers, 2)[i])
    known <- !is.na(unlist(one))
    skip("errors of a meta-regression, because clubSandwich is not installed", sum(!known))
    one[known]
  }
  terms <- lapply(1:2, function(i) compare_named(where, c("intercept", "slope")[i], told$terms[[i]], of(found, i),
                                                 c(na.omit(found$se[i]), fit$se[i])[1]))
  whole <- list(k = fit$k, tau2 = fit$tau2, tau2_without = without, QE = fit$QE, QE_df = fit$k - 2, QE_pval = fit$QEp,
                R2 = if (without > 0) 100 * max(1 - fit$tau2 / without, 0) else NA, QM_df1 = 1)
  whole <- c(whole, Filter(Negate(is.na), found[c("QM", "QM_df2", "QM_pval")]))
  values <- seq(min(d$x), max(d$x), length.out = POINTS_OF_A_LINE)
  points <- Map(function(value, point) {
    moved <- rma(d$yi, d$vi, mods = d$x - value, method = "REML", tau2 = fit$tau2, level = 100 * settings$level)
    mean <- of(coefficients_of(moved, d$study, nested), 1)
    mean <- mean[intersect(names(mean), c("estimate", "ci_lb", "ci_ub"))]
    compare_named(where, sprintf("at %g", value), point, c(value = value, mean), moved$se[1])
  }, values, line)
  rbind(do.call(rbind, terms), compare_named(where, "regression", told, whole, fit$se[2]),
        do.call(rbind, unname(points)))
}

compare_moderator <- function(where, told, rows) {
  if (is.list(told$refused)) return(NULL)
  where <- paste(where, "by", told$column)
  d <- composites(rows)
  d$value <- values_of(rows, told$column)
  d <- d[!(d$value %in% UNSAID), ]
  if (!identical(d$value, vapply(told$effects, `[[`, "", "value"))) {
    problem("%s: the moderator has other values in R", where)
    return(NULL)
  }
  effects <- do.call(rbind, lapply(seq_len(nrow(d)), function(i)
    compare_named(where, paste("effect", i), told$effects[[i]], list(yi = d$yi[i], vi = d$vi[i]), sqrt(d$vi[i]))))
  if (is.list(told$subgroups)) return(rbind(effects, compare_subgroups(where, told$subgroups, d)))
  d$x <- as.numeric(d$value)
  rbind(effects, compare_regression(where, told$regression, told$line, d))
}

# What each study does to a fit, as metafor's influence() has it (Viechtbauer and Cheung 2010), from fits without it
# that find the highest maximum; influence() itself can stay at a lower one, or not converge.
influence_of <- function(yi, vi) {
  whole <- fit_tightly(yi, vi)
  without <- lapply(seq_along(yi), function(i) fit_tightly(yi[-i], vi[-i]))
  of <- function(name) vapply(without, function(fit) as.numeric(fit[[name]]), 0)
  change <- as.numeric(whole$beta) - of("beta")
  hat <- as.numeric(hatvalues(whole))
  precision <- vapply(of("tau2"), function(tau2) sum(1 / (vi + tau2)), 0)
  found <- list(rstudent = (yi - of("beta")) / sqrt(vi + of("tau2") + of("se")^2),
                dffits = change / sqrt(hat * (vi + of("tau2"))), cook_d = change^2 / whole$se^2,
                cov_r = of("se")^2 / whole$se^2, tau2_del = of("tau2"), Q_del = of("QE"), hat = hat,
                weight = as.numeric(weights(whole)), dfbs = change * sqrt(precision))
  marked <- with(found, abs(dffits) > 3 * sqrt(1 / (length(yi) - 1)) | pchisq(cook_d, 1) > .5 | hat > 3 / length(yi) |
                          abs(dfbs) > 1)
  c(found, list(influential = as.numeric(marked), unit = whole$se^2))
}

compare_influence <- function(where, told, rows) {
  if (!length(told)) return(NULL)
  d <- composites(rows)
  if (length(told) != nrow(d)) {
    problem("%s: influence has %d lines here and %d in R", where, length(told), nrow(d))
    return(NULL)
  }
  found <- influence_of(d$yi, d$vi)
  do.call(rbind, lapply(setdiff(names(found), "unit"), function(name) {
    theirs <- found[[name]]
    comparison("influence", where, paste(vapply(told, `[[`, "", "label"), name),
               vapply(told, function(one) as.numeric(one[[name]]), 0), theirs,
               pmax(abs(theirs), if (name == "tau2_del") found$unit else 1))
  }))
}

compare_explained <- function(domain, content, strata) {
  do.call(rbind, lapply(c(content$strata, content$sensitivity), function(told) {
    s <- Filter(function(s) s$name == told$name, strata)[1][[1]]
    if (is.null(s$found)) return(NULL)
    where <- paste(domain, told$name)
    rbind(attempt(where, do.call(rbind, lapply(told$moderators, function(one) compare_moderator(where, one, s$rows)))),
          if (is.list(told$panel)) attempt(where, compare_influence(where, told$panel$influence, s$rows)))
  }))
}


# 9. The review ------------------------------------------------------------------------------------------------

# Events with an empty cell have no effect of their own, but a place among the axes of their contrast.
empty_cells <- function(effects) {
  empty <- effects[effects$yi == "" & effects$scale != "" & effects$fate != "excluded", ]
  if (!nrow(empty)) return(NULL)
  empty$yi <- empty$vi <- rep(NA_real_, nrow(empty))
  empty$axis <- axis_of(empty)
  empty
}

verify <- function(root) {
  path <- file.path(root, "data", "extracted", "outcomes.csv")
  outcomes <- need(read_table(path, guarded = FALSE), path, c("result", "domain", FIGURES))
  path <- file.path(root, "results", "tables", "summary.csv")
  columns <- c("domain", "stratum", "role", "status", "scale", IN_SE, IN_SQUARES, PURE, CHANCES, WORDS, EVENTS)
  summary <- need(read_table(path), path, columns)
  for (domain in setdiff(names(settings$scales), summary$domain)) problem("%s: stands not in summary.csv", domain)
  for (domain in setdiff(summary$domain, names(settings$scales))) problem("%s: is not in the settings", domain)

  effects <- read_effects(root)
  check_rows(effects, outcomes)
  effects <- effects[effects$result %in% outcomes$result, ]
  printed <- outcomes[match(effects$result, outcomes$result), ]

  has <- which(effects$yi != "")
  theirs <- recompute_rows(effects, printed)
  ours <- data.frame(yi = as.numeric(effects$yi), vi = as.numeric(effects$vi))
  rows <- Map(function(i, found) compare_row(effects$derivation[i], effects$result[i], unlist(ours[i, ]), found),
              has, theirs)

  # The printed tables, a control group divided where the effects file divides it.
  share <- as.numeric(printed$totaln_arm2) / as.numeric(effects$totaln_arm2)
  effects$ai <- as.numeric(printed$event_arm1)
  effects$n1i <- as.numeric(printed$totaln_arm1)
  effects$ci <- as.numeric(printed$event_arm2) / share
  effects$n2i <- as.numeric(printed$totaln_arm2) / share

  # From here on yi and vi are R's own.
  number <- function(found, name) if (is.null(found)) NA_real_ else found[[name]]
  own <- effects[has, ]
  own$yi <- vapply(theirs, number, 0, "yi")
  own$vi <- vapply(theirs, number, 0, "vi")
  own$axis <- axis_of(own)
  own <- own[own$fate != "excluded", ]
  own <- rbind(own, empty_cells(effects))
  own <- own[order(match(own$result, effects$result)), ]
  strata <- unlist(lapply(split(own, factor(own$domain, names(settings$scales))), function(rows)
    if (nrow(rows)) pool_domain(rows)), recursive = FALSE)
  inside <- effects$fate != "excluded"
  small <- table_or_none(root, "small_studies")
  rbind(do.call(rbind, rows), compare_strata(strata, summary),
        compare_events(effects[inside, ], summary),
        if (!is.null(small)) compare_small_studies(strata, small),
        compare_surroundings(root, strata, effects, printed, own))
}

# A file that a run made by hand may lack: its place, or NULL; what it would hold is then told as not compared.
absent <- character(0)
place_or_none <- function(root, ...) {
  path <- file.path("results", ...)
  if (file.exists(file.path(root, path))) return(file.path(root, path))
  absent <<- c(absent, path)
  NULL
}
table_or_none <- function(root, name) {
  path <- place_or_none(root, "tables", paste0(name, ".csv"))
  if (!is.null(path)) read_table(path)
}

compare_surroundings <- function(root, strata, effects, printed, own) {
  sensitivity <- table_or_none(root, "sensitivity")
  multiverse <- table_or_none(root, "multiverse")
  of_domain <- function(table, domain) if (!is.null(table)) table[table$domain == domain, ]
  do.call(rbind, lapply(names(settings$scales), function(domain) {
    mine <- Filter(function(s) s$domain == domain, strata)
    path <- place_or_none(root, "effects", "variants", paste0(domain, ".json"))
    variants <- if (!is.null(path)) variants_of(read_variants(path), effects, printed)
    path <- place_or_none(root, "synthesis", paste0(domain, ".json"))
    content <- if (!is.null(path)) read_json(path)
    rbind(
      if (!is.null(variants)) compare_choices(domain, variants, mine, effects, own[own$domain == domain, ],
                                              of_domain(sensitivity, domain), of_domain(multiverse, domain), content),
      if (!is.null(content)) compare_explained(domain, content, mine))
  }))
}

# Of the kinds that are many numbers, the largest difference of each stratum or result is printed.
KINDS <- c("effects", "pooled", "small studies", "other effects", "sensitivity", "multiverse", "moderators",
           "influence")
SHORT <- c("other effects", "sensitivity", "multiverse", "influence")

largest_of <- function(compared) {
  ordered <- compared[order(-compared$difference), ]
  ordered[!duplicated(ordered[c("part", "where")]), ]
}

tell_kinds <- function(compared) {
  cat("\nLargest |d|/se by kind of number\n")
  for (kind in KINDS) {
    own <- compared[compared$part == kind, ]
    most <- own[which.max(own$difference), ]
    cat(sprintf("%-13s  %7.1e  (%d numbers)%s\n", kind, max(0, own$difference), NROW(own),
                if (NROW(most)) paste0("  ", most$where, ": ", most$what) else ""))
  }
  for (reason in unique(skipped)) cat(sprintf("SKIPPED  %d numbers: %s\n", sum(skipped == reason), reason))
  folders <- unique(ifelse(endsWith(absent, ".json"), dirname(absent), absent))
  for (path in folders) cat("ABSENT   ", path, ", so that its numbers were not compared\n", sep = "")
}

say <- function(compared) {
  cat(encodeString(settings$title), "\n\n", sep = "")
  if (!is.null(compared)) {
    told <- rbind(compared[!(compared$part %in% SHORT), ], largest_of(compared[compared$part %in% SHORT, ]))
    told <- told[order(match(told$part, KINDS)), ]
    width <- max(nchar(told$where))
    cat(sprintf("%-*s  %-8s  %22s  %22s  %s\n", width, "", "", "taprev", "R", "difference / se"))
    cat(sprintf("%-*s  %-8s  %22.15g  %22.15g  %.1e%s\n", width, told$where, told$what, told$ours, told$R,
                told$difference, ifelse(told$difference < LIMIT, "", "  DIFFERS")), sep = "")
    off <- compared[!(compared$difference < LIMIT), ]
    for (i in seq_len(nrow(off)))
      problem("%s: %s is %.15g here and %.15g in R", off$where[i], off$what[i], off$ours[i], off$R[i])
    tell_kinds(compared)
  }
  cat("\nNot recomputed: Bayesian fits, sign tests and combined p values.\n",
      "tau2 is compared in units of se^2 or of itself, whichever is larger; k, df, I2, H2 and Q in units of 1 or\n",
      "of themselves, p in units of itself. R ", as.character(getRversion()), ", metafor ",
      as.character(packageVersion("metafor")), ".\n", sep = "")
  if (length(problems)) cat("\n", paste0("PROBLEM  ", problems, "\n"), sep = "")
  count <- if (length(problems) == 1) "1 problem is" else paste(length(problems), "problems are")
  verdict <- if (length(problems)) paste("NOT VERIFIED,", count, "named above.")
             else if (is.null(compared)) "the review holds no number to compare."
             else sprintf("below %g: R gives the same numbers.", LIMIT)
  cat(sprintf("\nLargest |d|/se of all %d numbers: %.1e; %s\n", NROW(compared), max(0, compared$difference), verdict))
  length(problems) == 0
}

# The folder given, else the one in which this script stands as results/audit/verify.R, else the working one.
find_root <- function() {
  given <- commandArgs(trailingOnly = TRUE)
  if (length(given)) return(given[1])
  file <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
  above <- file.path(dirname(gsub("~+~", " ", file, fixed = TRUE)), "..", "..")
  here <- Filter(function(root) file.exists(file.path(root, "data", "extracted", "outcomes.csv")), c(above, "."))
  if (length(here)) here[1] else stop("run this from the project's folder, or name that folder", call. = FALSE)
}

if (!say(verify(find_root()))) quit(status = 1)
