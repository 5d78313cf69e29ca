# Load the effects of a review into R and pool them with metafor, taprev's numbers beside.
#
#   Rscript effects.R          in the folder of effects.csv and pooled.csv
#
# effects.csv has a row for each sample in each design: yi and vi are on the scale of the analysis (logs of ratios),
# and a positive yi is better where the scale is smd. What pooled says FALSE is shown by taprev and not pooled.

suppressPackageStartupMessages(library(metafor))

effects <- read.csv("effects.csv", encoding = "UTF-8")
pooled <- read.csv("pooled.csv", encoding = "UTF-8")

fit_of <- function(row) {
  own <- subset(effects, outcome == row$outcome & design == row$design & pooled)
  unit <- min(own$vi) + var(own$yi)
  rma(yi, vi, data = own, slab = label, method = row$method, test = row$test, level = 100 * row$level,
      control = list(threshold = 1e-12 * unit, maxiter = 10000, stepadj = .5, tau2.max = 1000 * unit))
}

largest <- 0
for (i in which(pooled$recomputed)) {
  row <- pooled[i, ]
  fit <- fit_of(row)
  cat("\n", row$outcome, ", ", row$design, "\n", sep = "")
  print(fit)
  cat(sprintf("taprev: %.6f [%.6f, %.6f], tau2 %.6f\n", row$estimate, row$ci_lb, row$ci_ub, row$tau2))
  ours <- c(row$estimate, row$ci_lb, row$ci_ub)
  largest <- max(largest, abs(ours - c(fit$beta, fit$ci.lb, fit$ci.ub)) / fit$se)
}
cat(sprintf("\n%d pooled numbers; largest difference %.1e standard errors.\n", sum(pooled$recomputed), largest))
