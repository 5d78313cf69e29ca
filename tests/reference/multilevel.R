# Reference values for tests/synthesis/test_multilevel.py, from metafor and clubSandwich.
# Usage: Rscript multilevel.R [output.json [n]]   (default: multilevel.json beside this script; with n, every n-th set
# only, by the optimiser that was kept, from its usual start and from the stored components)
#
# Sets with several effects a study: published ones from the metadat package and random ones, drawn here with
# a fixed seed and stored with 17 significant digits. rma.mv climbs without derivatives, so every set is fitted
# by several optimisers under tight control, from several starts and with each component held at zero; the fit
# of the highest restricted likelihood is kept, and the name of its optimiser. `independent` is rma() with
# clubSandwich's CR2 by study, for diagonal weights.

suppressPackageStartupMessages({
  library(metafor)
  library(clubSandwich)
  library(jsonlite)
})

SEED <- 20240918
CONTROLS <- list(
  "nlminb" = list(optimizer = "nlminb", rel.tol = 1e-14, iter.max = 5000, eval.max = 10000),
  "nlminb, looser" = list(optimizer = "nlminb", rel.tol = 1e-10, iter.max = 5000, eval.max = 10000),
  "BFGS" = list(optimizer = "BFGS", reltol = 1e-15, ndeps = c(1e-4, 1e-4), maxit = 10000),
  "Nelder-Mead" = list(optimizer = "Nelder-Mead", reltol = 1e-16, maxit = 10000)
)
HELD <- list(none = c(NA, NA), study = c(0, NA), effect = c(NA, 0), both = c(0, 0))

draw_set <- function(number) {
  studies <- if (number %% 5 == 0) sample(2:4, 1) else sample(5:40, 1)
  sizes <- sample(1:12, studies, replace = TRUE, prob = 12:1)
  if (all(sizes == 1)) sizes[1] <- 3
  study <- rep(seq_len(studies), sizes)
  k <- length(study)
  rho <- c(0, 0, .4, .6, .8)[1 + number %% 5]
  scale <- sample(c(1, 1, 1, 1e-2, 1e2), 1)
  vi <- exp(rnorm(studies, log(.05), .8)[study] + rnorm(k, 0, .3)) * scale
  components <- list(c(0, 0), c(.1, 0), c(0, .1), c(.05, .05), c(.3, .02))[[1 + number %/% 2 %% 5]] * scale
  shared <- rnorm(studies)[study]
  error <- sqrt(vi) * (sqrt(rho) * shared + sqrt(1 - rho) * rnorm(k))
  between <- rnorm(studies, 0, sqrt(components[1]))[study]
  yi <- .3 * sqrt(scale) + between + rnorm(k, 0, sqrt(components[2])) + error
  moderator <- if (number %% 3 == 0) round(if (number %% 2) rnorm(k) else rnorm(studies)[study], 3)
  list(id = sprintf("random-%02d", number), source = "drawn by this script", yi = yi, vi = vi, study = study,
       rho = rho, moderator = moderator)
}

published <- function(id, source, data, study, moderator = NULL, rho = 0) {
  kept <- !is.na(data$yi) & !is.na(data$vi)
  if (!is.null(moderator)) kept <- kept & !is.na(moderator)
  list(id = id, source = source, yi = as.numeric(data$yi)[kept], vi = as.numeric(data$vi)[kept],
       study = as.integer(factor(study[kept], levels = unique(study[kept]))), rho = rho,
       moderator = if (!is.null(moderator)) as.numeric(moderator)[kept])
}

four_times <- function(data) {
  long <- reshape(as.data.frame(data[c("study", paste0("y", 1:4, "i"), paste0("v", 1:4, "i"))]),
                  direction = "long", idvar = "study",
                  varying = list(paste0("y", 1:4, "i"), paste0("v", 1:4, "i")), v.names = c("yi", "vi"))
  long[order(match(long$study, data$study), long$time), ]
}

bornmann <- function() escalc("OR", ai = waward, n1i = wtotal, ci = maward, n2i = mtotal, data = dat.bornmann2007)

published_sets <- function() {
  ishak <- four_times(dat.ishak2007)
  schools <- dat.konstantopoulos2011
  delinquency <- dat.assink2016
  list(
    published("konstantopoulos2011", "Konstantopoulos 2011, Res Synth Methods 2:61-76; schools in districts",
              schools, schools$district),
    published("konstantopoulos2011-year", "the same, with the year as moderator", schools, schools$district,
              moderator = schools$year - 1990),
    published("konstantopoulos2011-rho", "the same, with rho 0.6", schools, schools$district, rho = .6),
    published("assink2016", "Assink and Wibbelink 2016, Quant Methods Psychol 12:154-174", delinquency,
              delinquency$study),
    published("assink2016-rho", "the same, with rho 0.6", delinquency, delinquency$study, rho = .6),
    published("assink2016-year", "the same, with rho 0.6 and the year as moderator", delinquency,
              delinquency$study, moderator = delinquency$year, rho = .6),
    published("berkey1998", "Berkey et al. 1998, Stat Med 17:2537-2550; printed covariances ignored",
              dat.berkey1998, dat.berkey1998$trial),
    published("berkey1998-outcome", "the same, with rho 0.4 and the outcome as moderator", dat.berkey1998,
              dat.berkey1998$trial, moderator = dat.berkey1998$outcome == "PD", rho = .4),
    published("bornmann2007", "Bornmann et al. 2007, J Informetr 1:226-238; log odds ratios", bornmann(),
              bornmann()$study),
    published("bornmann2007-rho", "the same, with rho 0.4", bornmann(), bornmann()$study, rho = .4),
    published("ishak2007", "Ishak et al. 2007, Stat Med 26:1008-1027; covariances ignored", ishak, ishak$study),
    published("ishak2007-rho", "the same, with rho 0.8", ishak, ishak$study, rho = .8),
    published("knapp2017", "Knapp et al. 2017, Schizophr Bull; standardised mean differences", dat.knapp2017,
              dat.knapp2017$study),
    published("knapp2017-difficulty", "the same, with rho 0.4 and the difficulty as moderator", dat.knapp2017,
              dat.knapp2017$study, moderator = dat.knapp2017$difficulty, rho = .4),
    published("tannersmith2016", "Tanner-Smith et al. 2016, J Dev Life Course Criminol 2:85-112",
              dat.tannersmith2016, dat.tannersmith2016$studyid),
    published("tannersmith2016-age", "the same, with rho 0.8 and the age as moderator", dat.tannersmith2016,
              dat.tannersmith2016$studyid, moderator = dat.tannersmith2016$aget1, rho = .8),
    published("kalaian1996", "Kalaian and Raudenbush 1996, Psychol Methods 1:227-235", dat.kalaian1996,
              dat.kalaian1996$study, rho = .6)
  )
}

covariance_of <- function(set) {
  if (set$rho == 0) return(set$vi)
  as.matrix(Matrix::bdiag(impute_covariance_matrix(set$vi, set$study, r = set$rho, return_list = TRUE)))
}

candidate <- function(set, V, name, held = c(NA, NA), start = NULL) {
  control <- CONTROLS[[name]]
  data <- data.frame(yi = set$yi, study = set$study, effect = seq_along(set$yi))
  data$moderator <- set$moderator
  if (!is.null(start)) control$sigma2.init <- start
  mods <- if (is.null(set$moderator)) ~ 1 else ~ moderator
  fit <- try(suppressWarnings(rma.mv(yi, V, mods = mods, random = ~ 1 | study/effect, data = data,
                                     sigma2 = held, control = control)), silent = TRUE)
  if (inherits(fit, "try-error")) return(NULL)
  fit$kept <- name
  fit
}

best_of <- function(fits) {
  fits <- Filter(Negate(is.null), fits)
  fits[[which.max(vapply(fits, function(fit) as.numeric(logLik(fit)), 0))]]
}

fit_tightly <- function(set) {
  V <- covariance_of(set)
  unit <- mean(set$vi) + var(set$yi)
  tried <- list()
  for (name in names(CONTROLS)) for (start in list(NULL, c(.5, .05) * unit, c(.01, .5) * unit))
    tried[[length(tried) + 1]] <- candidate(set, V, name, start = start)
  for (held in HELD[-1]) tried[[length(tried) + 1]] <- candidate(set, V, "nlminb, looser", held)
  best <- best_of(tried)
  for (round in 1:2) for (name in names(CONTROLS)) {
    start <- pmax(best$sigma2, 1e-10 * unit)
    held <- ifelse(best$sigma2 < 1e-8 * min(set$vi), 0, NA)
    best <- best_of(list(best, candidate(set, V, name, held, start)))
  }
  best
}

fit_again <- function(set, stored) {
  V <- covariance_of(set)
  components <- c(stored$sigma2_study, stored$sigma2_effect)
  held <- ifelse(components < 1e-8 * min(set$vi), 0, NA)
  start <- pmax(components, 1e-10 * (mean(set$vi) + var(set$yi)))
  tried <- list()
  # An optimiser that was best under one release of R may not converge under another.
  for (name in unique(c(stored$kept, names(CONTROLS)))) {
    tried <- c(tried, list(candidate(set, V, name), candidate(set, V, name, held, start)))
    if (length(Filter(Negate(is.null), tried))) break
  }
  best_of(tried)
}

independent_of <- function(set) {
  data <- data.frame(yi = set$yi, vi = set$vi)
  data$moderator <- set$moderator
  mods <- if (is.null(set$moderator)) ~ 1 else ~ moderator
  fit <- rma(yi, vi, mods = mods, data = data, control = list(maxiter = 10000, stepadj = .5))
  robust <- coef_test(fit, vcov = "CR2", cluster = set$study)
  list(tau2 = fit$tau2, cr2_se = I(robust$SE), cr2_df = I(robust$df_Satt))
}

results_of <- function(set, fit) {
  robust <- coef_test(fit, vcov = "CR2", cluster = set$study)
  list(set = set$id, kept = fit$kept, sigma2_study = fit$sigma2[1], sigma2_effect = fit$sigma2[2],
       log_likelihood = as.numeric(logLik(fit)), QE = fit$QE, QE_pval = fit$QEp,
       estimate = I(as.numeric(fit$beta)), model_se = I(fit$se), cr2_se = I(robust$SE),
       cr2_df = I(robust$df_Satt), cr2_pval = I(robust$p_Satt),
       weights = if (is.null(set$moderator)) I(as.numeric(weights(fit, type = "rowsum"))),
       pi_lb = if (is.null(set$moderator)) predict(fit)$pi.lb,
       pi_ub = if (is.null(set$moderator)) predict(fit)$pi.ub, independent = independent_of(set))
}

# jsonlite stops at 15 digits, which would not give back the same doubles.
all_digits <- function(content) {
  rapply(content, function(x) if (is.integer(x)) x else
    I(ifelse(is.finite(x), sprintf("@%.17g@", x), "@null@")), classes = c("numeric", "AsIs"), how = "replace")
}

main <- function(output, every = 1, fit_of = fit_tightly) {
  set.seed(SEED, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  sets <- c(published_sets(), lapply(1:32, draw_set))
  sets <- sets[seq(1, length(sets), by = every)]
  content <- list(
    made_by = list(script = "tests/reference/multilevel.R", R = as.character(getRversion()),
                   metafor = as.character(packageVersion("metafor")),
                   clubSandwich = as.character(packageVersion("clubSandwich")),
                   metadat = as.character(packageVersion("metadat")), seed = SEED,
                   control = CONTROLS),
    sets = sets,
    fits = lapply(sets, function(set) results_of(set, fit_of(set)))
  )
  scalar <- c("rho", "tau2", "sigma2_study", "sigma2_effect", "log_likelihood", "QE", "QE_pval", "pi_lb",
              "pi_ub", "seed")
  unbox_scalars <- function(x) {
    if (!is.list(x)) return(x)
    for (name in names(x)) x[[name]] <- if (name %in% scalar && length(x[[name]])) unbox(x[[name]]) else
      if (is.character(x[[name]]) && length(x[[name]]) == 1 && !startsWith(x[[name]], "@")) unbox(x[[name]]) else
      unbox_scalars(x[[name]])
    if (is.null(names(x))) lapply(x, unbox_scalars) else x
  }
  text <- toJSON(unbox_scalars(all_digits(content)), null = "null")
  text <- gsub('"@([^@"]*)@"', "\\1", text)
  writeLines(gsub("},{", "},\n{", text, fixed = TRUE), output)
}

arguments <- commandArgs(trailingOnly = TRUE)
script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
here <- dirname(gsub("~+~", " ", script, fixed = TRUE)) # Rscript writes a space in a path so
reference <- file.path(here, "multilevel.json")
if (length(arguments) > 1) {
  fits <- fromJSON(reference, simplifyVector = FALSE)$fits
  names(fits) <- vapply(fits, `[[`, "", "set")
  main(arguments[1], as.integer(arguments[2]), function(set) fit_again(set, fits[[set$id]]))
} else main(if (length(arguments)) arguments[1] else reference)
