# Times metafor for benchmarks/kernels.py; prints one JSON object of medians in seconds, with the tau2 of every
# set of the loop, null where it stopped.
# Usage: Rscript kernels.R sets.csv (rows of 10 effects then 10 variances)

suppressPackageStartupMessages(library(metafor))

sets <- as.matrix(read.csv(commandArgs(trailingOnly = TRUE)[1], header = FALSE))
# To collect garbage before each call takes longer than most calls.
seconds <- function(expr) system.time(expr, gcFirst = FALSE)[["elapsed"]]
median_of <- function(times, f) median(replicate(times, seconds(f())))

quietly <- function(expr) try(suppressWarnings(expr), silent = TRUE)
one_set <- function(row) quietly(rma(sets[row, 1:10], sets[row, 11:20], method = "REML", test = "knha"))
tau2 <- rep(NA_real_, nrow(sets))
loop <- seconds(for (row in seq_len(nrow(sets))) {
  fit <- one_set(row)
  if (!inherits(fit, "try-error")) tau2[row] <- fit$tau2
})

fit_and_confint <- function(yi, vi) function() quietly(confint(rma(yi, vi, method = "REML", test = "knha")))
together <- seq_len(min(100, nrow(sets) %/% 10))
large_y <- as.vector(t(sets[together, 1:10]))
large_v <- as.vector(t(sets[together, 11:20]))
small <- median_of(50, fit_and_confint(sets[1, 1:10], sets[1, 11:20]))
large <- median_of(3, fit_and_confint(large_y, large_v))

cat(sprintf('{"R": "%s", "metafor": "%s", "loop": %.6f, "single_10": %.6f, "single_large": %.6f, "tau2": [%s]}\n',
            getRversion(), packageVersion("metafor"), loop, small, large,
            paste(ifelse(is.na(tau2), "null", sprintf("%.17g", tau2)), collapse = ", ")))
