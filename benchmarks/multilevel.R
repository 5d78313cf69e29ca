# Times rma.mv for benchmarks/multilevel.py; prints one JSON object, times in seconds.
# Usage: Rscript multilevel.R effects.csv (columns: effect, variance, study)

suppressPackageStartupMessages(library(metafor))

data <- setNames(read.csv(commandArgs(trailingOnly = TRUE)[1], header = FALSE), c("yi", "vi", "study"))
data$effect <- seq_len(nrow(data))
fit <- function(sparse) rma.mv(yi, vi, random = ~ 1 | study/effect, data = data, sparse = sparse)
seconds <- function(expr) system.time(expr)[["elapsed"]]

dense <- seconds(found <- fit(FALSE))
sparse <- median(replicate(3, seconds(fit(TRUE))))

cat(sprintf('{"R": "%s", "metafor": "%s", "dense": %.6f, "sparse": %.6f, "sigma2": [%.17g, %.17g]}\n',
            getRversion(), packageVersion("metafor"), dense, sparse, found$sigma2[1], found$sigma2[2]))
