# Reference values for tests/synthesis/test_parity.py, from metafor.
# Usage: Rscript random_effects.R [output.json [n]]   (default: random_effects.json beside this script; with n, every n-th set)
#
# The 200 random sets are drawn here with a fixed seed and stored with 17 significant digits; the published
# sets come from the metadat package. Every fit runs under tight control: metafor's tolerances are absolute,
# so they are set per data set, relative to unit = min(vi) + variance of yi.

suppressPackageStartupMessages({
  library(metafor)
  library(jsonlite)
})

TIGHT <- 1e-14
METHODS <- c("DL", "REML", "PM", "ML", "HE", "HS", "SJ")

draw_variances <- function(k, scale) exp(runif(k, log(.005), log(.5))) * scale

at_boundary <- function(yi, vi) {
  w <- 1 / vi
  r <- yi - sum(w * yi) / sum(w)
  score <- sum(w^2 * r^2) - sum(w) + sum(w^2) / sum(w)
  score <= 0 && sum(w * r^2) <= length(yi) - 1
}

draw_set <- function(number) {
  k <- 2 + floor(49 * runif(1)^2)
  scale <- sample(c(1, 1, 1, 1, 1e-8, 1e-4, 1e4, 1e8), 1)
  centre <- sqrt(scale) * sample(c(0, .3, 50), 1)
  vi <- draw_variances(k, scale)
  boundary <- number %% 3 == 0
  tau2 <- if (boundary) 0 else scale * exp(runif(1, log(.01), log(2)))
  repeat {
    yi <- rnorm(k, centre, sqrt(vi + tau2))
    if (!boundary || at_boundary(yi, vi)) break
  }
  list(id = sprintf("random-%03d", number), source = "drawn by this script", yi = yi, vi = vi)
}

published <- function(id, source, data) {
  data <- data[!is.na(data$yi) & !is.na(data$vi), ]
  list(id = id, source = source, yi = as.numeric(data$yi), vi = as.numeric(data$vi))
}

published_sets <- function() list(
  published("bcg", "Colditz et al. 1994, JAMA 271:698-702; log risk ratios (metadat dat.bcg)",
            escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)),
  published("hackshaw1998", "Hackshaw 1998, Stat Methods Med Res 7:119-136; log odds ratios", dat.hackshaw1998),
  published("raudenbush1985", "Raudenbush and Bryk 1985, J Educ Stat 10:75-98; standardised mean differences",
            dat.raudenbush1985),
  published("normand1999", "Normand 1999, Stat Med 18:321-359; mean differences in days",
            escalc("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i,
                   data = dat.normand1999)),
  published("bangertdrowns2004", "Bangert-Drowns et al. 2004, Rev Educ Res 74:29-58; standardised mean differences",
            dat.bangertdrowns2004),
  published("li2007", "Li et al. 2007, Cochrane Database Syst Rev CD002755; log odds ratios",
            escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.li2007)),
  published("nielweise2007", "Niel-Weise et al. 2007, J Antimicrob Chemother 59:359-369; log odds ratios",
            escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.nielweise2007)),
  published("linde2005", "Linde et al. 2005, Br J Psychiatry 186:99-107; log risk ratios",
            escalc("RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.linde2005)),
  published("molloy2014", "Molloy et al. 2014, Ann Behav Med 47:64-79; Fisher's z",
            escalc("ZCOR", ri = ri, ni = ni, data = dat.molloy2014)),
  published("hine1989", "Hine et al. 1989, Ann Emerg Med 18:1066-1072; risk differences",
            escalc("RD", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.hine1989)),
  published("curtis1998", "Hedges et al. 1999, Ecology 80:1150-1156; log ratios of means, 102 experiments",
            escalc("ROM", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.curtis1998)),
  published("pignon2000", "Pignon et al. 2000, Lancet 355:949-955; log hazard ratios from O - E and V",
            transform(dat.pignon2000, yi = OmE / V, vi = 1 / V)),
  published("mcdaniel1994", "Rothstein et al. 2005, Publication Bias in Meta-Analysis; Fisher's z of 160 studies",
            escalc("ZCOR", ri = ri, ni = ni, data = dat.mcdaniel1994)),
  published("hart1999", "Hart et al. 1999, Ann Intern Med 131:492-501; log rate ratios",
            escalc("IRR", x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i, data = dat.hart1999)),
  published("gibson2002", "Gibson et al. 2002, Cochrane Database Syst Rev CD001117; standardised mean differences",
            escalc("SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.gibson2002)),
  published("pritz1997", "Zhou et al. 1999, Stat Med 18:557-566; logit proportions, some of them 1",
            escalc("PLO", xi = xi, ni = ni, data = dat.pritz1997)),
  published("egger2001", "Egger et al. 2001, Systematic Reviews in Health Care; log odds ratios, one trial as large as all others",
            escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.egger2001)),
  published("cannon2006", "Cannon et al. 2006, J Am Coll Cardiol 48:438-445; log odds ratios, four large trials",
            escalc("OR", ai = ep1t, n1i = nt, ci = ep1c, n2i = nc, data = dat.cannon2006)),
  published("cohen1981", "Cooper and Hedges 1994, Handbook of Research Synthesis, app. A; Fisher's z",
            escalc("ZCOR", ri = ri, ni = ni, data = dat.cohen1981)),
  published("viechtbauer2021", "Viechtbauer 2021, in Handbook of Meta-Analysis, 219-254; log odds ratios",
            escalc("OR", ai = xTi, n1i = nTi, ci = xCi, n2i = nCi, add = 1/2, to = "all", data = dat.viechtbauer2021))
)

fit_tightly <- function(set, method, test) {
  unit <- min(set$vi) + var(set$yi)
  for (stepadj in c(1, .5, .25)) for (looser in c(1, 10, 100, 1000)) {
    control <- list(threshold = TIGHT * looser * unit, tol = TIGHT * unit, maxiter = 10000,
                    stepadj = stepadj, tau2.max = 1000 * unit)
    fit <- try(suppressWarnings(rma(set$yi, set$vi, method = method, test = test, control = control)),
               silent = TRUE)
    if (!inherits(fit, "try-error")) return(list(fit = fit, control = control))
  }
  stop("metafor did not converge on ", set$id, " with ", method)
}

results_of <- function(set, method) {
  wald <- fit_tightly(set, method, "z")
  knha <- fit_tightly(set, method, "knha")$fit
  adhoc <- fit_tightly(set, method, "adhoc")$fit
  prediction <- predict(knha)
  z <- wald$fit
  list(set = set$id, tau2_method = method, threshold = wald$control$threshold,
       stepadj = wald$control$stepadj, tau2 = z$tau2, estimate = as.numeric(z$beta), I2 = z$I2, H2 = z$H2,
       wald_se = z$se, wald_ci_lb = z$ci.lb, wald_ci_ub = z$ci.ub, wald_pval = z$pval,
       hksj_se = knha$se, hksj_ci_lb = knha$ci.lb, hksj_ci_ub = knha$ci.ub, hksj_pval = knha$pval,
       hksj_modified_se = adhoc$se, hksj_modified_ci_lb = adhoc$ci.lb, hksj_modified_ci_ub = adhoc$ci.ub,
       hksj_modified_pval = adhoc$pval,
       pi_lb = prediction$pi.lb, pi_ub = prediction$pi.ub,
       weights = if (startsWith(set$id, "random")) NULL else as.numeric(weights(z)))
}

heterogeneity_of <- function(set) {
  unit <- min(set$vi) + var(set$yi)
  fit <- fit_tightly(set, "DL", "z")$fit
  profile <- confint(fit, control = list(tol = TIGHT * unit, maxiter = 10000, tau2.max = 1e8 * unit))
  random <- profile$random
  list(set = set$id, Q = fit$QE, Q_pval = fit$QEp, empty_profile = profile$ci.null,
       tau2_lb = random["tau^2", "ci.lb"], tau2_ub = random["tau^2", "ci.ub"],
       I2_lb = random["I^2(%)", "ci.lb"], I2_ub = random["I^2(%)", "ci.ub"],
       H2_lb = random["H^2", "ci.lb"], H2_ub = random["H^2", "ci.ub"],
       upper_bound_found = profile$ub.sign == "")
}

# jsonlite stops at 15 digits, which would not give back the same doubles.
all_digits <- function(content) {
  rapply(content, function(x) ifelse(is.finite(x), sprintf("@%.17g@", x), "@null@"), classes = "numeric",
         how = "replace")
}

main <- function(output, every = 1) {
  set.seed(20240917, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  sets <- c(published_sets(), lapply(1:200, draw_set))
  sets <- sets[seq(1, length(sets), by = every)]
  grid <- expand.grid(method = METHODS, set = seq_along(sets), stringsAsFactors = FALSE)
  content <- list(
    made_by = list(script = "tests/reference/random_effects.R", R = as.character(getRversion()),
                   metafor = as.character(packageVersion("metafor")),
                   metadat = as.character(packageVersion("metadat")), seed = 20240917,
                   control = list(unit = "min(vi) + var(yi)", threshold = "1e-14 unit, loosened to 1e-11 unit",
                                  tol = "1e-14 unit", maxiter = 10000, stepadj = "1, else .5, else .25",
                                  tau2.max = "1000 unit; 1e8 unit for the Q-profile")),
    sets = sets,
    heterogeneity = lapply(sets, heterogeneity_of),
    fits = Map(function(set, method) results_of(sets[[set]], method), grid$set, grid$method)
  )
  text <- toJSON(all_digits(content), auto_unbox = TRUE, null = "null")
  text <- gsub('"@([^@"]*)@"', "\\1", text)
  writeLines(gsub("},{", "},\n{", text, fixed = TRUE), output)
}

arguments <- commandArgs(trailingOnly = TRUE)
script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
here <- dirname(gsub("~+~", " ", script, fixed = TRUE)) # Rscript writes a space in a path so
main(if (length(arguments)) arguments[1] else file.path(here, "random_effects.json"),
     if (length(arguments) > 1) as.integer(arguments[2]) else 1)
