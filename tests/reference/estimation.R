# Reference values for tests/synthesis/test_estimation.py: what metafor's rma offers beside an estimate and an interval
# (permutation tests, profile likelihood, Henmi and Copas, fit statistics, the error of tau2, best linear unbiased
# predictions, GENQ), location-scale models, and two outcomes pooled together by rma.mv.
# Usage: Rscript estimation.R [output.json [short]]   (default: estimation.json beside this script; short: a few sets)

suppressPackageStartupMessages({
  library(metafor)
  library(jsonlite)
})

METHODS <- c("REML", "ML", "DL", "PM", "EB", "HE", "HS", "SJ", "EE")

all_digits <- function(content) {
  rapply(content, function(x) ifelse(is.finite(x), sprintf("@%.17g@", x), "@null@"), classes = "numeric",
         how = "replace")
}

set <- function(id, source, data, x = NULL) {
  keep <- !is.na(data$yi) & !is.na(data$vi)
  if (!is.null(x)) keep <- keep & !is.na(data[[x]])
  c(list(id = id, source = source, yi = as.numeric(data$yi[keep]), vi = as.numeric(data$vi[keep])),
    if (!is.null(x)) list(x = as.numeric(data[[x]][keep])))
}

# metafor's tolerances are absolute; here they follow the data. Where Fisher scoring circles, it takes smaller steps.
tight <- function(one, step) {
  unit <- min(one$vi) + var(one$yi)
  list(threshold = 1e-14 * unit, tol = 1e-14 * unit, maxiter = 20000, stepadj = step, tau2.max = 1000 * unit)
}

bcg <- escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
lidocaine <- escalc("RD", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.hine1989)
strokes <- escalc("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999)
warfarin <- within(escalc("IRR", x1i = x1i, x2i = x2i, t1i = t1i, t2i = t2i, data = dat.hart1999),
                   first <- prevtype == "primary")
diuretics <- escalc("OR", ai = pre.xti, n1i = pre.nti, ci = pre.xci, n2i = pre.nci, data = dat.collins1985b)
statins <- within(escalc("OR", ai = ep1t, n1i = nt, ci = ep1c, n2i = nc, data = dat.cannon2006),
                  stable <- pop != "post-ACS")
depth <- subset(dat.berkey1998, outcome == "PD")
level <- subset(dat.berkey1998, outcome == "AL")
asthma <- within(escalc("SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i,
                        data = dat.gibson2002), limited <- type == 1)
asthma <- subset(asthma, !is.na(yi))
infarction <- escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.li2007)

sets <- list(
  set("bcg", "Colditz et al. 1994, JAMA 271:698-702; log risk ratios, latitude", bcg, "ablat"),
  set("teachers", "Raudenbush and Bryk 1985, J Educ Stat 10:75-98; standardised mean differences, weeks",
      dat.raudenbush1985, "weeks"),
  set("lidocaine", "Hine et al. 1989, Arch Intern Med 149:2694-2698, in Normand 1999; risk differences", lidocaine),
  set("strokes", "Normand 1999, Stat Med 18:321-359; mean differences", strokes),
  set("warfarin", "Hart et al. 1999, Ann Intern Med 131:492-501; log rate ratios, primary prevention", warfarin,
      "first"),
  set("diuretics", "Collins et al. 1985, BMJ 290:17-23; log odds ratios, year", diuretics, "year"),
  set("statins", "Cannon et al. 2006, J Am Coll Cardiol 48:438-445; log odds ratios, population", statins, "stable"),
  set("depth", "Berkey et al. 1998, Stat Med 17:2537-2550; mean differences, year", depth, "year"),
  set("level", "the same, the other outcome", level),
  set("asthma", "Gibson et al. 2002, Cochrane Database Syst Rev CD001117; standardised mean differences, kind", asthma, "limited"),
  set("infarction", "Li et al. 2007, Cochrane Database Syst Rev CD002755; log odds ratios", infarction)
)

model <- function(one, method, moderated = FALSE, test = "z", ...) {
  how <- list(yi = one$yi, vi = one$vi, method = method, test = test, ...)
  for (step in c(.5, .1, .02)) {
    fit <- try(suppressWarnings(do.call(rma, c(how, list(control = tight(one, step)),
                                               if (moderated) list(mods = one$x)))), silent = TRUE)
    if (!inherits(fit, "try-error")) return(fit)
  }
  stop(one$id, " ", method)
}

# metafor's optimisers stop where the likelihood is flat to their eye; Newton's steps go on from there.
polished <- function(theta, height) {
  for (step in 1:3) {
    moved <- theta - solve(numDeriv::hessian(height, theta), numDeriv::grad(height, theta))
    if (height(moved) < height(theta)) return(theta)
    theta <- moved
  }
  theta
}

# Fit statistics, the error of tau2 and the predictions of the true effects, without and with the moderator.
fits <- function(one) {
  made <- list()
  for (method in METHODS) for (moderated in c(FALSE, if (!is.null(one$x)) TRUE)) {
    fit <- model(one, method, moderated)
    told <- blup(fit)
    by <- if (method == "REML") fit$fit.stats$REML else fit$fit.stats$ML
    made <- c(made, list(list(id = one$id, method = method, moderated = moderated,
      tau2 = fit$tau2, se_tau2 = if (method == "EE") NA_real_ else fit$se.tau2, ll = by[1], deviance = if
      (method == "REML") by[2] else -2 * by[1], AIC = by[3], BIC = by[4], AICc = by[5],
      blup = told$pred, blup_se = told$se, blup_lb = told$pi.lb)))
  }
  made
}

# GENQ by weights that are not those of the model: the square roots of the precisions.
generalised <- function(one) {
  weights <- 1 / sqrt(one$vi)
  fit <- model(one, "GENQ", weights = weights)
  list(id = one$id, weights = weights, tau2 = fit$tau2, se_tau2 = fit$se.tau2, beta = fit$beta[1], se = fit$se,
       QE = fit$QE, I2 = fit$I2)
}

profiled <- function(one) {
  made <- list()
  for (method in c("REML", "ML")) for (moderated in c(FALSE, if (!is.null(one$x)) TRUE)) {
    fit <- model(one, method, moderated)
    control <- list(tol = 1e-13, tau2.max = 1e4 * (fit$tau2 + max(one$vi)), distfac = 10)
    PL <- suppressWarnings(confint(fit, type = "PL", control = control))$random[1, ]
    QP <- suppressWarnings(confint(fit, type = "QP", control = control))$random
    made <- c(made, list(list(id = one$id, method = method, moderated = moderated, tau2_lb = PL[[2]], tau2_ub = PL[[3]],
                              qp = as.numeric(QP[c(1, 3, 4), 2:3]))))
  }
  made
}

# Hardy and Thompson 1996: the profile of the full likelihood of the mean, each height by a search over tau2.
profile_of_mean <- function(one) {
  ll <- function(mu, tau2) -.5 * sum(log(one$vi + tau2)) - .5 * sum((one$yi - mu)^2 / (one$vi + tau2))
  far <- 10 * (var(one$yi) + max(one$vi))
  height <- function(mu) {
    grid <- c(0, far * 10^seq(-9, 0, length.out = 181))
    at <- which.max(sapply(grid, function(tau2) ll(mu, tau2)))
    ends <- c(grid[max(at - 1, 1)], grid[min(at + 1, length(grid))])
    max(ll(mu, grid[at]), optimize(function(tau2) ll(mu, tau2), ends, maximum = TRUE, tol = 1e-14 * far)$objective)
  }
  fit <- model(one, "ML")
  top <- fit$beta[1]
  drop <- function(mu) height(mu) - height(top) + qchisq(.95, 1) / 2
  reach <- 20 * fit$se
  list(id = one$id, estimate = top, ci_lb = uniroot(drop, c(top - reach, top), tol = 1e-13)$root,
       ci_ub = uniroot(drop, c(top, top + reach), tol = 1e-13)$root)
}

copas <- function(one) {
  told <- hc(model(one, "DL"), control = list(tol = 1e-14))
  list(id = one$id, estimate = as.numeric(told$beta), se = told$se, ci_lb = told$ci.lb, ci_ub = told$ci.ub,
       tau2 = told$tau2)
}

# Of larger sets the first seven, since every choice of signs is fitted.
permuted <- function(one) {
  k <- min(length(one$yi), 7)
  one <- c(one[c("id", "source")], lapply(one[intersect(names(one), c("yi", "vi", "x"))], head, k))
  made <- list()
  every <- if (k < 7) list(c("REML", "z"), c("REML", "knha"), c("EE", "z")) else list(c("DL", "knha"))
  for (how in every) for (moderated in c(FALSE, if (!is.null(one$x) && length(unique(one$x)) == 2) TRUE)) {
    told <- permutest(model(one, how[1], moderated, how[2]), exact = TRUE, progbar = FALSE)
    made <- c(made, list(list(id = one$id, k = k, method = how[1], test = how[2], moderated = moderated,
                              pval = told$pval, QM_pval = if (moderated) told$QMp else NA_real_)))
  }
  made
}

# Location-scale models.
hackshaw <- within(dat.hackshaw1998, control <- as.numeric(design != "cohort"))
prizes <- within(escalc("OR", ai = waward, n1i = wtotal, ci = maward, n2i = mtotal, data = dat.bornmann2007),
                 fellowship <- as.numeric(type == "Fellowship"))
interviews <- within(escalc("ZCOR", ri = ri, ni = ni, data = dat.mcdaniel1994), free <- as.numeric(struct == "u"))
colons <- escalc("RR", ai = x.a, n1i = n.a, ci = x.p, n2i = n.p, data = dat.dorn2007)
cognition <- within(escalc("OR", ai = n.ctrl.rec, bi = n.ctrl.non, ci = n.cbt.rec, di = n.cbt.non,
                           data = dat.landenberger2005), trial <- as.numeric(design == "rct"))
red <- within(dat.lehmann2018, registered <- as.numeric(Preregistered != "Not Pre-Registered"))
carbon <- within(escalc("ROM", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i,
                        data = dat.curtis1998), seedling <- as.numeric(stock == "SEED"))
foreskin <- within(escalc("OR", ai = cir.pos, bi = cir.neg, ci = non.pos, di = non.neg, data = dat.vanhowe1999),
                   risk <- as.numeric(category == "high-risk group"))

scaled <- list(
  set("bcg", "as above; on latitude in tens of degrees from 30", 
      within(bcg, ablat <- (ablat - 30) / 10), "ablat"),
  set("passive", "Hackshaw 1998, Stat Methods Med Res 7:119-136; on design", hackshaw, "control"),
  set("prizes", "Bornmann et al. 2007, J Informetrics 1:226-238; on type", prizes, "fellowship"),
  set("interviews", "McDaniel et al. 1994, J Appl Psychol 79:599-616; on structure", interviews, "free"),
  set("colons", "Dorn et al. 2007, Neurogastroenterol Motil 19:630-637; on visits", colons, "visits"),
  set("cognition", "Landenberger and Lipsey 2005, J Exp Criminol 1:451-476; on design", cognition, "trial"),
  set("red", "Lehmann et al. 2018, Evol Psychol 16(4); on registration", red, "registered"),
  set("carbon", "Curtis and Wang 1998, Oecologia 113:299-313; on stock", carbon, "seedling"),
  set("foreskin", "Van Howe 1999, Int J STD AIDS 10:8-16; on risk", foreskin, "risk")
)

# The likelihood that metafor maximises, up to a constant, without the cost of a whole fit.
likelihood_of_scale <- function(one, X, method) function(alpha) {
  w <- 1 / (one$vi + exp(alpha[1] + alpha[2] * one$x))
  information <- crossprod(X, w * X)
  residuals <- one$yi - X %*% solve(information, crossprod(X, w * one$yi))
  .5 * (sum(log(w)) - sum(w * residuals^2) - if (method == "REML") log(det(information)) else 0)
}

spreads <- function(one) {
  made <- list()
  tests <- if (length(one$yi) < 20) c("z", "t", "knha") else "z"
  for (method in c("REML", "ML")) for (test in tests) for (moderated in c(TRUE, FALSE)) {
    how <- list(yi = one$yi, vi = one$vi, scale = ~ x, data = list(x = one$x), method = method, test = test)
    fitted <- function(...) suppressWarnings(do.call(rma, c(how, if (moderated) list(mods = ~ x), list(...))))
    fit <- fitted()
    if (all(is.finite(fit$se.alpha)) && max(fit$se.alpha) < 50) {
      height <- likelihood_of_scale(one, if (moderated) cbind(1, one$x) else cbind(rep(1, length(one$x))), method)
      alpha <- polished(as.numeric(fit$alpha), height)
      fit <- fitted(alpha = alpha)
      fit$va <- solve(-numDeriv::hessian(height, alpha))
    } else fit$va <- matrix(NA_real_, 2, 2) # a variance goes to zero: there is no maximum
    # without moderators of the mean, metafor's predict gives log tau2
    told <- if (moderated) predict(fit, newmods = one$x[1], newscale = one$x[1]) else
      list(pred = fit$beta[1], se = fit$se[1])
    freedom <- length(one$yi) - nrow(fit$beta)
    made <- c(made, list(list(id = one$id, method = method, test = test, moderated = moderated,
      beta = as.numeric(fit$beta), se = fit$se, pval = fit$pval, ci_lb = fit$ci.lb, alpha = as.numeric(fit$alpha),
      se_alpha = sqrt(diag(fit$va)), tau2 = unique(fit$tau2), ll = as.numeric(logLik(fit)),
      QS = as.numeric(fit$alpha)[2]^2 / fit$va[2, 2], pred = told$pred[1],
      pred_pi_ub = told$pred[1] + qt(.975, freedom) * sqrt(told$se[1]^2 + exp(sum(c(1, one$x[1]) * fit$alpha))))))
  }
  made
}

# Two outcomes of the same studies, one row a study.
pair <- function(id, source, y1, v1, y2, v2, within) {
  keep <- !(is.na(y1) & is.na(y2))
  list(id = id, source = source, y1 = as.numeric(y1[keep]), v1 = as.numeric(v1[keep]), y2 = as.numeric(y2[keep]),
       v2 = as.numeric(v2[keep]), within = rep_len(within, length(y1))[keep])
}
wide <- function(data, study, outcome) {
  data <- as.data.frame(data)
  two <- sort(unique(data[[outcome]]))
  rows <- lapply(two, function(o) data[data[[outcome]] == o, ][match(unique(data[[study]]),
                 data[data[[outcome]] == o, study]), ])
  list(y1 = rows[[1]]$yi, v1 = rows[[1]]$vi, y2 = rows[[2]]$yi, v2 = rows[[2]]$vi)
}
arms <- function(ai, n1i, ci, n2i) {
  one <- escalc("PLO", xi = ai, ni = n1i)
  two <- escalc("PLO", xi = ci, ni = n2i)
  list(y1 = one$yi, v1 = one$vi, y2 = two$yi, v2 = two$vi)
}
as_pair <- function(id, source, w, within) pair(id, source, w$y1, w$v1, w$y2, w$v2, within)

gums <- wide(dat.berkey1998, "trial", "outcome")
glioma <- function(k) {
  part <- escalc("OR", ai = dat.fine1993[[paste0("e", k, "i")]], n1i = dat.fine1993$nei,
                 ci = dat.fine1993[[paste0("c", k, "i")]], n2i = dat.fine1993$nci)
  list(yi = as.numeric(part$yi), vi = as.numeric(part$vi))
}
covariances <- subset(dat.berkey1998, outcome == "AL")$v1i
pairs <- list(
  as_pair("gums", "Berkey et al. 1998, Stat Med 17:2537-2550; their covariances", gums,
          covariances / sqrt(gums$v1 * gums$v2)),
  as_pair("coaching", "Kalaian and Raudenbush 1996, Psychol Methods 1:227-235; correlation .66",
          wide(dat.kalaian1996, "study", "outcome"), .66),
  as_pair("neuroblastoma", "Riley et al. 2004, J Clin Epidemiol 57:911-924; assumed correlation .5",
          wide(dat.riley2003, "study", "outcome"), .5),
  pair("parkinson", "Ishak et al. 2007, Clin Trials 4:525-539; 3 and 6 months, assumed correlation .4",
       dat.ishak2007$y1i, dat.ishak2007$v1i, dat.ishak2007$y2i, dat.ishak2007$v2i, .4),
  as_pair("thrombosis", "Kearon et al. 1998, Ann Intern Med 128:663-677; sensitivity and specificity",
          with(dat.kearon1998, arms(tp, np, tn, nn)), 0),
  as_pair("vaccine", "Colditz et al. 1994, JAMA 271:698-702; risks of both arms",
          with(dat.bcg, arms(tpos, tpos + tneg, cpos, cpos + cneg)), 0),
  pair("glioma", "Fine et al. 1993, Cancer 71:2585-2597; 1 and 2 years, assumed correlation .6", glioma(2)$yi,
       glioma(2)$vi, glioma(4)$yi, glioma(4)$vi, .6),
  as_pair("circumcision", "Van Howe 1999, Int J STD AIDS 10:8-16; risks of both groups",
          with(dat.vanhowe1999, arms(cir.pos, cir.pos + cir.neg, non.pos, non.pos + non.neg)), 0),
  as_pair("grants", "Bornmann et al. 2007, J Informetrics 1:226-238; success of women and men",
          with(dat.bornmann2007, arms(waward, wtotal, maward, mtotal)), 0)
)

together <- function(one) {
  k <- length(one$y1)
  data <- data.frame(study = rep(seq_len(k), 2), outcome = factor(rep(1:2, each = k)), yi = c(one$y1, one$y2),
                     vi = c(one$v1, one$v2), r = rep(one$within, 2))
  data <- data[!is.na(data$yi), ]
  V <- outer(sqrt(data$vi), sqrt(data$vi)) * outer(data$study, data$study, "==") * data$r
  diag(V) <- data$vi
  made <- list()
  for (method in c("REML", "ML")) {
    model <- function(...) rma.mv(yi, V, mods = ~ 0 + outcome, random = ~ outcome | study, struct = "UN", data = data,
                                  method = method, ...)
    found <- model(control = list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-15, maxit = 10000))
    theta <- c(log(found$tau2), atanh(max(min(found$rho, 1 - 1e-12), -1 + 1e-12)))
    if (abs(found$rho) < .9999)
      theta <- polished(theta, function(at) logLik(model(tau2 = exp(at[1:2]), rho = tanh(at[3]))))
    for (test in c("z", "t")) {
      fit <- model(tau2 = exp(theta[1:2]), rho = tanh(theta[3]), test = test)
      difference <- anova(fit, X = c(1, -1))
      made <- c(made, list(list(id = one$id, method = method, test = test, beta = as.numeric(fit$beta), se = fit$se,
        pval = fit$pval, ci_lb = fit$ci.lb, tau2 = fit$tau2, rho = fit$rho, ll = as.numeric(logLik(fit)), QM = fit$QM,
        QM_pval = fit$QMp, difference = as.numeric(difference$Xb), difference_se = as.numeric(difference$se))))
    }
  }
  made
}

main <- function(output, short) {
  if (short) {
    sets <- sets[c(1, 3, 5)]
    scaled <- scaled[1]
    pairs <- pairs[2]
  }
  every <- function(f, of) do.call(c, lapply(of, f))
  content <- list(
    made_by = list(script = "tests/reference/estimation.R", R = as.character(getRversion()),
                   metafor = as.character(packageVersion("metafor"))),
    sets = sets, scaled_sets = scaled, pairs = pairs,
    fits = every(fits, sets), generalised = lapply(sets, generalised), profiled = every(profiled, sets),
    means = lapply(sets, profile_of_mean), copas = lapply(sets, copas), permuted = every(permuted, sets),
    scaled = every(spreads, scaled), together = every(together, pairs)
  )
  text <- toJSON(all_digits(content), auto_unbox = TRUE, null = "null")
  writeLines(gsub("},{", "},\n{", gsub('"@([^@"]*)@"', "\\1", text), fixed = TRUE), output)
}

arguments <- commandArgs(trailingOnly = TRUE)
script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
here <- dirname(gsub("~+~", " ", script, fixed = TRUE)) # Rscript writes a space in a path so
main(if (length(arguments)) arguments[1] else file.path(here, "estimation.json"), length(arguments) > 1)
