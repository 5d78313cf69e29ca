# Reference values for tests/synthesis/test_sparse.py: Mantel-Haenszel and Peto pooling by metafor, nothing added to a cell.
# Run: Rscript tests/reference/sparse.R [output.json]   (default: sparse.json beside this script)
#
# `tests` are those that rma.mh prints with an odds or rate ratio (Cochran-Mantel-Haenszel with and without correction,
# Breslow-Day, Tarone), `without` is leave1out(). Rates: metadat has two sets; the others are drawn.
#
# Published sets come from metadat; the random ones are sparse, with empty cells, double-zero studies and
# studies in which everybody has the event. rma.mh and rma.peto run with add = 0, to = "none", drop00 = TRUE.

suppressPackageStartupMessages({
  library(metafor)
  library(jsonlite)
})

published <- function(id, source, ai, n1i, ci, n2i) {
  list(id = id, source = source, event_arm1 = ai, totaln_arm1 = n1i, event_arm2 = ci, totaln_arm2 = n2i)
}

published_sets <- function() list(
  with(dat.bcg, published("bcg", "Colditz et al. 1994, JAMA 271:698-702 (metadat dat.bcg)",
                          tpos, tpos + tneg, cpos, cpos + cneg)),
  with(dat.nielweise2007, published("nielweise2007", "Niel-Weise et al. 2007, J Antimicrob Chemother 59:359-369",
                                    ai, n1i, ci, n2i)),
  with(dat.hine1989, published("hine1989", "Hine et al. 1989, Ann Emerg Med 18:1066-1072", ai, n1i, ci, n2i)),
  with(dat.li2007, published("li2007", "Li et al. 2007, Cochrane Database Syst Rev CD002755", ai, n1i, ci, n2i)),
  with(dat.collins1985a, published("collins1985a", "Collins et al. 1985, BMJ 290:17-23", b.xti, nti, b.xci, nci)),
  with(dat.linde2005, published("linde2005", "Linde et al. 2005, Br J Psychiatry 186:99-107", ai, n1i, ci, n2i)),
  with(dat.yusuf1985[dat.yusuf1985$table == "6", ],
       published("yusuf1985", "Yusuf et al. 1985, Prog Cardiovasc Dis 27:335-371, table 6", ai, n1i, ci, n2i))
)

complete <- function(set) {
  cells <- c("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")
  kept <- complete.cases(as.data.frame(set[cells]))
  set[cells] <- lapply(set[cells], function(x) as.numeric(x[kept]))
  set
}

# Further published sets, whose results are not in `results`.
more_sets <- function() list(
  with(dat.lee2004, published("lee2004", "Lee and Done 2004, Cochrane Database Syst Rev CD003281", ai, n1i, ci, n2i)),
  with(dat.egger2001, published("egger2001", "Egger, Davey Smith and Altman 2001, Systematic Reviews in Health Care",
                                ai, n1i, ci, n2i)),
  with(dat.damico2009, published("damico2009", "D'Amico et al. 2009, Cochrane Database Syst Rev CD000022",
                                 xt, nt, xc, nc)),
  with(dat.dorn2007, published("dorn2007", "Dorn et al. 2007, Neurogastroenterol Motil 19:630-637",
                               x.a, n.a, x.p, n.p))
)

rates <- function(id, source, x1i, t1i, x2i, t2i) {
  list(id = id, source = source, count_arm1 = x1i, time_arm1 = t1i, count_arm2 = x2i, time_arm2 = t2i)
}

published_rates <- function() list(
  with(dat.nielweise2008, rates("nielweise2008", "Niel-Weise et al. 2008, J Antimicrob Chemother 62:1163-1172",
                                x1i, t1i, x2i, t2i)),
  with(dat.hart1999, rates("hart1999", "Hart et al. 1999, Ann Intern Med 131:492-501", x1i, t1i, x2i, t2i))
)

draw_rates <- function(number) {
  k <- sample(2:20, 1)
  t1 <- round(runif(k, 20, 3000), 1); t2 <- round(runif(k, 20, 3000), 1)
  rate <- runif(1, .0005, .01)
  x1 <- rpois(k, t1 * rate * exp(rnorm(1))); x2 <- rpois(k, t2 * rate)
  if (number %% 3 == 0) { x1[1] <- 0; x2[1] <- 0 }
  rates(sprintf("rates-%02d", number), "drawn by this script", x1, t1, x2, t2)
}

draw_set <- function(number) {
  k <- sample(2:25, 1)
  n1 <- sample(3:120, k, replace = TRUE); n2 <- sample(3:120, k, replace = TRUE)
  rate <- runif(1, .005, .12)
  a <- rbinom(k, n1, pmin(rate * exp(rnorm(1)), .6)); c <- rbinom(k, n2, rate)
  if (number %% 3 == 0) { a[1] <- 0; c[1] <- 0 }
  if (number %% 5 == 0) { a[k] <- n1[k]; c[k] <- n2[k] }
  if (number %% 7 == 0) { big <- sample(1e6:1e7, 1); n1[1] <- big; n2[1] <- 2 * big }
  published(sprintf("random-%02d", number), "drawn by this script", a, n1, c, n2)
}

number <- function(x) if (is.null(x)) NA_real_ else as.numeric(x)

leaving_out <- function(fit) {
  left <- suppressWarnings(leave1out(fit))
  list(estimate = left$estimate, se = left$se, Q = left$Q)
}

tests_of <- function(fit, other) {
  list(MH = fit$MH, MH_pval = fit$MHp, MH_plain = other$MH, BD = number(fit$BD), BD_pval = number(fit$BDp),
       TA = number(fit$TA), TA_pval = number(fit$TAp), k_pos = number(fit$k.pos))
}

rates_of <- function(set) {
  fit_of <- function(correct) suppressWarnings(rma.mh(
    x1i = set$count_arm1, t1i = set$time_arm1, x2i = set$count_arm2, t2i = set$time_arm2, measure = "IRR",
    add = 0, to = "none", drop00 = TRUE, correct = correct))
  fit <- fit_of(TRUE)
  if (is.na(fit$beta)) return(list(set = set$id, fitted = FALSE))
  list(set = set$id, fitted = TRUE, estimate = number(fit$beta), se = number(fit$se), ci_lb = number(fit$ci.lb),
       ci_ub = number(fit$ci.ub), pval = number(fit$pval), Q = number(fit$QE), Q_pval = number(fit$QEp),
       k_yi = as.numeric(fit$k.yi), tests = tests_of(fit, fit_of(FALSE)), without = leaving_out(fit))
}

further_of <- function(set) {
  arguments <- list(ai = set$event_arm1, n1i = set$totaln_arm1, ci = set$event_arm2, n2i = set$totaln_arm2,
                    add = 0, to = "none", drop00 = TRUE)
  fit <- suppressWarnings(do.call(rma.mh, c(arguments, measure = "OR")))
  other <- suppressWarnings(do.call(rma.mh, c(arguments, measure = "OR", correct = FALSE)))
  list(set = set$id, tests = tests_of(fit, other), OR = leaving_out(fit),
       RR = leaving_out(suppressWarnings(do.call(rma.mh, c(arguments, measure = "RR")))),
       RD = leaving_out(suppressWarnings(do.call(rma.mh, c(arguments, measure = "RD")))),
       PETO = leaving_out(suppressWarnings(do.call(rma.peto, arguments))))
}

results_of <- function(set) {
  arguments <- list(ai = set$event_arm1, n1i = set$totaln_arm1, ci = set$event_arm2, n2i = set$totaln_arm2,
                    add = 0, to = "none", drop00 = TRUE)
  one <- function(name) {
    fit <- try(suppressWarnings(if (name == "PETO") do.call(rma.peto, arguments) else
      do.call(rma.mh, c(arguments, measure = name, correct = FALSE))), silent = TRUE)
    if (inherits(fit, "try-error") || is.na(fit$beta)) return(list(set = set$id, measure = name, fitted = FALSE))
    list(set = set$id, measure = name, fitted = TRUE, estimate = number(fit$beta), se = number(fit$se),
         ci_lb = number(fit$ci.lb), ci_ub = number(fit$ci.ub), pval = number(fit$pval), Q = number(fit$QE),
         Q_pval = number(fit$QEp), k_yi = as.numeric(fit$k.yi))
  }
  lapply(c("OR", "RR", "RD", "PETO"), one)
}

# jsonlite stops at 15 digits, which would not give back the same doubles.
all_digits <- function(content) {
  rapply(content, function(x) ifelse(is.finite(x), sprintf("@%.17g@", x), "@null@"),
         classes = c("numeric", "integer"), how = "replace")
}

main <- function(output) {
  set.seed(20260102, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  sets <- lapply(c(published_sets(), lapply(1:40, draw_set)), complete)
  of_rates <- c(published_rates(), lapply(1:16, draw_rates))
  content <- list(
    source = list(script = "tests/reference/sparse.R", R = as.character(getRversion()),
                  metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat")),
                  add = 0, drop00 = TRUE, seed = 20260102),
    sets = sets, results = unlist(lapply(sets, results_of), recursive = FALSE),
    further = lapply(c(sets[1:7], lapply(more_sets(), complete)), function(set) c(set, further_of(set))),
    rates = lapply(of_rates, function(set) c(set, rates_of(set)))
  )
  text <- toJSON(all_digits(content), auto_unbox = TRUE, null = "null")
  text <- gsub('"@([^@"]*)@"', "\\1", text)
  writeLines(gsub("},{", "},\n{", text, fixed = TRUE), output)
}

arguments <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
main(if (length(arguments)) arguments[1] else file.path(here, "sparse.json"))
