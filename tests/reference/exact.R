# Reference values for tests/synthesis/test_exact.py: random-effects models with the exact likelihood by metafor.
# Run: Rscript tests/reference/exact.R [output.json]   (default: exact.json beside this script; about 3 minutes)
#
# rma.glmm with model = "CM.EL": odds ratios by the noncentral hypergeometric, rate ratios by the binomial likelihood.
# It needs lme4, numDeriv and BiasedUrn. `llf` is its log-likelihood without constants of the data, from a sum over
# the tables and R's own quadrature at metafor's estimates, to tell which of two programs is nearer to the maximum.

suppressPackageStartupMessages({
  library(metafor)
  library(jsonlite)
})

tables <- function(id, source, ai, n1i, ci, n2i) {
  list(id = id, source = source, measure = "OR", arm1 = ai, size1 = n1i, arm2 = ci, size2 = n2i)
}

rates <- function(id, source, x1i, t1i, x2i, t2i) {
  list(id = id, source = source, measure = "IRR", arm1 = x1i, size1 = t1i, arm2 = x2i, size2 = t2i)
}

published_sets <- function() list(
  with(dat.nielweise2007, tables("nielweise2007", "Niel-Weise et al. 2007, J Antimicrob Chemother 59:359-369",
                                 ai, n1i, ci, n2i)),
  with(dat.bcg, tables("bcg", "Colditz et al. 1994, JAMA 271:698-702 (metadat dat.bcg)",
                       tpos, tpos + tneg, cpos, cpos + cneg)),
  with(dat.hine1989, tables("hine1989", "Hine et al. 1989, Ann Emerg Med 18:1066-1072", ai, n1i, ci, n2i)),
  with(dat.li2007, tables("li2007", "Li et al. 2007, Cochrane Database Syst Rev CD002755", ai, n1i, ci, n2i)),
  with(dat.collins1985a, tables("collins1985a", "Collins et al. 1985, BMJ 290:17-23", b.xti, nti, b.xci, nci)),
  with(dat.yusuf1985[dat.yusuf1985$table == "6", ],
       tables("yusuf1985", "Yusuf et al. 1985, Prog Cardiovasc Dis 27:335-371, table 6", ai, n1i, ci, n2i)),
  with(dat.lee2004, tables("lee2004", "Lee and Done 2004, Cochrane Database Syst Rev CD003281", ai, n1i, ci, n2i)),
  with(dat.egger2001, tables("egger2001", "Egger, Davey Smith and Altman 2001, Systematic Reviews in Health Care",
                             ai, n1i, ci, n2i)),
  with(dat.damico2009, tables("damico2009", "D'Amico et al. 2009, Cochrane Database Syst Rev CD000022",
                              xt, nt, xc, nc)),
  with(dat.hahn2001, tables("hahn2001", "Hahn et al. 2001, Cochrane Database Syst Rev CD002847", ai, n1i, ci, n2i)),
  with(dat.dorn2007, tables("dorn2007", "Dorn et al. 2007, Neurogastroenterol Motil 19:630-637",
                            x.a, n.a, x.p, n.p)),
  with(dat.nielweise2008, rates("nielweise2008", "Niel-Weise et al. 2008, J Antimicrob Chemother 62:1163-1172",
                                x1i, t1i, x2i, t2i)),
  with(dat.hart1999, rates("hart1999", "Hart et al. 1999, Ann Intern Med 131:492-501", x1i, t1i, x2i, t2i))
)

complete <- function(set) {
  columns <- c("arm1", "size1", "arm2", "size2")
  kept <- complete.cases(as.data.frame(set[columns]))
  set[columns] <- lapply(set[columns], function(x) as.numeric(x[kept]))
  set
}

number <- function(x) if (is.null(x)) NA_real_ else as.numeric(x)[1]

# The log-likelihood of one study at theta, from logs of binomial coefficients.
one <- function(set, i) {
  a <- set$arm1[i]; c <- set$arm2[i]; n1 <- set$size1[i]; n2 <- set$size2[i]
  if (set$measure == "IRR") return(function(theta) dbinom(a, a + c, plogis(theta + log(n1 / n2)), log = TRUE))
  u <- max(0, a + c - n2):min(n1, a + c)
  base <- lchoose(n1, u) + lchoose(n2, a + c - u)
  Vectorize(function(theta) {
    terms <- base + u * theta
    terms[u == a] - max(terms) - log(sum(exp(terms - max(terms))))
  })
}

llf <- function(set, mu, tau2) {
  sum(vapply(seq_along(set$arm1), function(i) {
    f <- one(set, i)
    if (tau2 < 1e-10) return(f(mu))
    tau <- sqrt(tau2)
    inside <- function(theta) f(theta) + dnorm(theta, mu, tau, log = TRUE)
    peak <- optimize(inside, mu + c(-12, 12) * max(tau, .1), maximum = TRUE)
    width <- min(tau, 1 / sqrt(max(1e-8, -(inside(peak$maximum + 1e-3) + inside(peak$maximum - 1e-3)
                                          - 2 * peak$objective) / 1e-6)))
    edges <- peak$maximum + width * c(-60, -20, -8, -3, 0, 3, 8, 20, 60)
    parts <- mapply(function(low, high) integrate(function(x) exp(inside(x) - peak$objective), low, high,
                                                  rel.tol = 1e-11, abs.tol = 0, stop.on.error = FALSE)$value,
                    head(edges, -1), tail(edges, -1))
    peak$objective + log(sum(parts))
  }, 0))
}

result_of <- function(set) {
  fit <- try(suppressWarnings(if (set$measure == "OR")
    rma.glmm(measure = "OR", ai = set$arm1, n1i = set$size1, ci = set$arm2, n2i = set$size2, model = "CM.EL") else
    rma.glmm(measure = "IRR", x1i = set$arm1, t1i = set$size1, x2i = set$arm2, t2i = set$size2, model = "CM.EL")),
    silent = TRUE)
  if (inherits(fit, "try-error")) return(list(set = set$id, fitted = FALSE))
  list(set = set$id, fitted = TRUE, estimate = number(fit$beta), se = number(fit$se), tau2 = number(fit$tau2),
       Q = number(fit$QE.LRT), llf = llf(set, number(fit$beta), number(fit$tau2)))
}

# jsonlite stops at 15 digits, which would not give back the same doubles.
all_digits <- function(content) {
  rapply(content, function(x) ifelse(is.finite(x), sprintf("@%.17g@", x), "@null@"),
         classes = c("numeric", "integer"), how = "replace")
}

main <- function(output) {
  sets <- lapply(Filter(Negate(is.null), published_sets()), complete)
  content <- list(
    source = list(script = "tests/reference/exact.R", R = as.character(getRversion()),
                  metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat")),
                  lme4 = as.character(packageVersion("lme4")), BiasedUrn = as.character(packageVersion("BiasedUrn"))),
    sets = sets, results = lapply(sets, result_of)
  )
  text <- toJSON(all_digits(content), auto_unbox = TRUE, null = "null")
  text <- gsub('"@([^"@]*)@"', "\\1", text)
  writeLines(gsub("},{", "},\n{", text, fixed = TRUE), output)
}

arguments <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
main(if (length(arguments)) arguments[1] else file.path(here, "exact.json"))
