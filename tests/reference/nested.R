# Reference values for tests/synthesis/test_nested.py: nested effects by metafor (ML, REML), with sampling
# covariances that are given or assumed, and profile-likelihood intervals of the components.
# Usage: Rscript nested.R [output.json [n]]   (default: nested.json beside this script; with n, every n-th set, and
# no intervals, which take most of the time)
#
# The covariances V are those of the examples of metadat's help pages (vcalc, rcalc or printed ones).

suppressPackageStartupMessages({
  library(metafor)
  library(jsonlite)
})

CONTROLS <- list(
  list(optimizer = "nlminb", rel.tol = 1e-10, iter.max = 5000, eval.max = 10000),
  list(optimizer = "BFGS", reltol = 1e-15, ndeps = c(1e-4, 1e-4), maxit = 10000),
  list(optimizer = "Nelder-Mead", reltol = 1e-16, maxit = 10000)
)
PROFILES <- list(
  list(optimizer = "nlminb", rel.tol = 1e-11),
  list(optimizer = "BFGS", reltol = 1e-14, ndeps = 1e-4, maxit = 10000),
  list(optimizer = "Nelder-Mead", reltol = 1e-14, maxit = 10000)
)

case <- function(id, source, data, study, V, moderator = NULL, rho = NULL) {
  kept <- !is.na(data$yi) & (if (is.matrix(V)) !is.na(diag(V)) else !is.na(V))
  if (!is.null(moderator)) kept <- kept & !is.na(moderator)
  V <- if (is.matrix(V)) unname(as.matrix(V)[kept, kept]) else as.numeric(V)[kept]
  order <- order(match(study[kept], unique(study[kept])))
  list(id = id, source = source, yi = as.numeric(data$yi)[kept][order],
       V = if (is.matrix(V)) V[order, order] else V[order],
       study = as.integer(factor(study[kept], levels = unique(study[kept])))[order], rho = rho,
       moderator = if (!is.null(moderator)) as.numeric(moderator)[kept][order])
}

four_times <- function(data) {
  long <- reshape(as.data.frame(data[c("study", paste0("y", 1:4, "i"), paste0("v", 1:4, "i"))]),
                  direction = "long", idvar = "study",
                  varying = list(paste0("y", 1:4, "i"), paste0("v", 1:4, "i")), v.names = c("yi", "vi"))
  long <- long[order(match(long$study, data$study), long$time), ]
  long[!is.na(long$yi), ]
}

# As in the help page of dat.knapp2017: two tasks of four difficulties.
shared_controls <- function(data) {
  data$task.diff <- unlist(lapply(split(data, data$study), function(x) {
    difficulty <- as.integer(factor(x$difficulty))
    difficulty[is.na(difficulty)] <- 1
    paste0(as.integer(factor(x$task)), ".", difficulty)
  }))
  R <- matrix(.4, nrow = 8, ncol = 8)
  R[5:8, 1:4] <- R[1:4, 5:8] <- .28
  diag(R[1:4, 5:8]) <- .7
  diag(R[5:8, 1:4]) <- .7
  diag(R) <- 1
  rownames(R) <- colnames(R) <- paste0(rep(1:2, each = 4), ".", 1:4)
  vcalc(vi, cluster = study, grp1 = group1, grp2 = group2, w1 = n_sz, w2 = n_hc, obs = task.diff, rho = R, data = data)
}

cases <- function() {
  berkey <- dat.berkey1998
  printed <- vcalc(vi = 1, cluster = author, rvars = c(v1i, v2i), data = berkey)
  ishak <- four_times(dat.ishak2007)
  coaching <- dat.kalaian1996
  offences <- dat.assink2016
  printed_all <- with(dat.craft2003, ave(ri, study, FUN = function(r) anyNA(r)) == 0)
  craft <- rcalc(ri ~ var1 + var2 | study, ni = ni, data = dat.craft2003[printed_all, ], rtoz = TRUE)
  schizophrenia <- dat.knapp2017
  delinquency <- dat.tannersmith2016
  schools <- dat.konstantopoulos2011
  grants <- escalc("OR", ai = waward, n1i = wtotal, ci = maward, n2i = mtotal, data = dat.bornmann2007)
  delinquency$number <- seq_len(nrow(delinquency))
  list(
    case("berkey1998", "Berkey et al. 1998, Stat Med 17:2537-2550; printed covariances", berkey, berkey$author, printed),
    case("berkey1998-outcome", "the same, with the outcome as moderator", berkey, berkey$author, printed,
         berkey$outcome == "PD"),
    case("ishak2007", "Ishak et al. 2007, Stat Med 26:1008-1027; autocorrelation .97 of times", ishak, ishak$study,
         vcalc(vi, cluster = study, time1 = time, phi = .97, data = ishak)),
    case("ishak2007-time", "the same, with the time as moderator", ishak, ishak$study,
         vcalc(vi, cluster = study, time1 = time, phi = .97, data = ishak), ishak$time),
    case("kalaian1996", "Kalaian and Raudenbush 1996, Psychol Methods 1:227-235; correlation .66", coaching,
         coaching$study, vcalc(vi, cluster = study, type = outcome, rho = .66, data = coaching)),
    case("craft2003", "Craft et al. 2003, J Sport Exerc Psychol 25:44-65; Fisher z of studies that print all correlations",
         craft$dat, craft$dat$study, craft$V),
    case("craft2003-cognitive", "the same, with cognitive anxiety as moderator", craft$dat, craft$dat$study, craft$V,
         craft$dat$var1 == "acog"),
    case("knapp2017", "Knapp et al. 2017, Schizophr Bull; shared controls, correlations of tasks", schizophrenia,
         schizophrenia$study, shared_controls(schizophrenia)),
    case("knapp2017-difficulty", "the same, with the difficulty as moderator", schizophrenia, schizophrenia$study,
         shared_controls(schizophrenia), schizophrenia$difficulty),
    case("assink2016", "Assink and Wibbelink 2016, Quant Methods Psychol 12:154-174; correlation .6", offences,
         offences$study, vcalc(vi, cluster = study, obs = esid, rho = .6, data = offences)),
    case("assink2016-year", "the same, with the year as moderator", offences, offences$study,
         vcalc(vi, cluster = study, obs = esid, rho = .6, data = offences), offences$year),
    case("bornmann2007", "Bornmann et al. 2007, J Informetr 1:226-238; log odds ratios", grants, grants$study,
         as.numeric(grants$vi)),
    case("bornmann2007-rho", "the same, with rho 0.4", grants, grants$study,
         vcalc(vi, cluster = study, obs = obs, rho = .4, data = grants), rho = .4),
    case("konstantopoulos2011", "Konstantopoulos 2011, Res Synth Methods 2:61-76; schools in districts", schools,
         schools$district, schools$vi),
    case("konstantopoulos2011-year", "the same, with the year as moderator", schools, schools$district, schools$vi,
         schools$year - 1990),
    case("tannersmith2016", "Tanner-Smith et al. 2016, J Dev Life Course Criminol 2:85-112; correlation .8",
         delinquency, delinquency$studyid, vcalc(vi, cluster = studyid, obs = number, rho = .8, data = delinquency))
  )
}

candidate <- function(set, method, control, held = c(NA, NA), start = NULL) {
  data <- data.frame(yi = set$yi, study = set$study, effect = seq_along(set$yi))
  data$moderator <- set$moderator
  if (!is.null(start)) control$sigma2.init <- start
  mods <- if (is.null(set$moderator)) ~ 1 else ~ moderator
  V <- set$V
  fit <- try(suppressWarnings(rma.mv(yi, V, mods = mods, random = ~ 1 | study/effect, data = data, method = method,
                                     sigma2 = held, control = control, sparse = FALSE)), silent = TRUE)
  if (inherits(fit, "try-error")) NULL else fit
}

best_of <- function(fits) {
  fits <- Filter(Negate(is.null), fits)
  fits[[which.max(vapply(fits, function(fit) as.numeric(logLik(fit)), 0))]]
}

fit_tightly <- function(set, method) {
  unit <- mean(if (is.matrix(set$V)) diag(set$V) else set$V) + var(set$yi)
  starts <- list(NULL, c(.5, .05) * unit, c(.01, .5) * unit)
  best <- best_of(unlist(lapply(CONTROLS, function(control) lapply(starts, function(start)
    candidate(set, method, control, start = start))), recursive = FALSE))
  for (round in 1:2) best <- best_of(c(list(best), lapply(CONTROLS, function(control)
    candidate(set, method, control, start = pmax(best$sigma2, 1e-8 * unit)))))
  best
}

# The ends by the first optimiser that finds both: a profile is flat to the square of the gap that one leaves.
interval_of <- function(set, fit, component) {
  unit <- mean(if (is.matrix(set$V)) diag(set$V) else set$V) + var(set$yi)
  wanted <- list(tol = 1e-12 * unit, vc.max = 100 * unit, maxiter = 10000)
  for (control in PROFILES) {
    fit$control <- control
    found <- suppressWarnings(confint(fit, sigma2 = component, control = wanted))$random[1, ]
    if (!anyNA(found)) break
  }
  list(component = c("study", "effect")[component], optimiser = control$optimizer, ci_lb = found[["ci.lb"]],
       ci_ub = found[["ci.ub"]])
}

results_of <- function(set, intervals) lapply(c("ML", "REML"), function(method) {
  fit <- fit_tightly(set, method)
  list(set = set$id, method = method, sigma2_study = fit$sigma2[1], sigma2_effect = fit$sigma2[2],
       log_likelihood = as.numeric(logLik(fit)), AIC = fit$fit.stats["AIC", method],
       BIC = fit$fit.stats["BIC", method], QE = fit$QE, QE_pval = fit$QEp, estimate = I(as.numeric(fit$beta)),
       se = I(fit$se),
       weights = if (is.null(set$moderator)) I(as.numeric(weights(fit, type = "rowsum"))),
       intervals = if (intervals) lapply(1:2, function(component) interval_of(set, fit, component)))
})

# jsonlite stops at 15 digits, which would not give back the same doubles.
all_digits <- function(content) {
  rapply(content, function(x) { 
    x[] <- ifelse(is.finite(x), sprintf("@%.17g@", x), "@null@")
    x
  },
         classes = c("numeric", "matrix", "AsIs"), how = "replace")
}

main <- function(output, every = 1) {
  sets <- cases()
  sets <- sets[seq(1, length(sets), by = every)]
  content <- list(
    made_by = list(script = "tests/reference/nested.R", R = as.character(getRversion()),
                   metafor = as.character(packageVersion("metafor")),
                   metadat = as.character(packageVersion("metadat"))),
    sets = sets, fits = unlist(lapply(sets, results_of, intervals = every == 1), recursive = FALSE))
  text <- toJSON(all_digits(content), auto_unbox = TRUE, null = "null")
  text <- gsub('"@([^@"]*)@"', "\\1", text)
  writeLines(gsub("},{", "},\n{", text, fixed = TRUE), output)
}

arguments <- commandArgs(trailingOnly = TRUE)
script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
here <- dirname(gsub("~+~", " ", script, fixed = TRUE)) # Rscript writes a space in a path so
main(if (length(arguments)) arguments[1] else file.path(here, "nested.json"),
     if (length(arguments) > 1) as.integer(arguments[2]) else 1)
