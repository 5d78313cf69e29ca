# Times rma.glmm for benchmarks/exact.py; prints one JSON object, times in seconds.
# Usage: Rscript exact.R tables.csv (columns: events and people of arm 1, of arm 2)

suppressPackageStartupMessages(library(metafor))

for (name in c("lme4", "numDeriv", "BiasedUrn"))
  if (!requireNamespace(name, quietly = TRUE)) stop("rma.glmm needs ", name)

data <- setNames(read.csv(commandArgs(trailingOnly = TRUE)[1], header = FALSE), c("ai", "n1i", "ci", "n2i"))
seconds <- system.time(fit <- suppressWarnings(
  rma.glmm(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = data, model = "CM.EL")))[["elapsed"]]

cat(sprintf('{"R": "%s", "metafor": "%s", "glmm": %.6f, "estimate": %.17g}\n', getRversion(),
            packageVersion("metafor"), seconds, fit$beta))
