# Reference values for tests/synthesis/test_sparse.py: Mantel-Haenszel and Peto pooling by metafor, nothing added to a cell.
# Run: Rscript tests/reference/sparse.R [output.json]   (default: sparse.json beside this script)
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
  content <- list(
    source = list(script = "tests/reference/sparse.R", R = as.character(getRversion()),
                  metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat")),
                  add = 0, drop00 = TRUE, seed = 20260102),
    sets = sets, results = unlist(lapply(sets, results_of), recursive = FALSE)
  )
  text <- toJSON(all_digits(content), auto_unbox = TRUE, null = "null")
  text <- gsub('"@([^@"]*)@"', "\\1", text)
  writeLines(gsub("},{", "},\n{", text, fixed = TRUE), output)
}

arguments <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
main(if (length(arguments)) arguments[1] else file.path(here, "sparse.json"))
