# Reference values of Cohen's kappa and its standard error, in base R, as JSON at full precision.
# Run: Rscript tests/reference/agreement.R tests/reference/agreement.json
#
# The standard error is computed twice: by the formula of Fleiss, Cohen and Everitt (1969), cell by cell, and by
# the delta method from the gradient of kappa in the cell shares. They must agree.
suppressPackageStartupMessages(library(jsonlite))
set.seed(19690101)

kappa_of <- function(counts) {
  p <- counts / sum(counts); r <- rowSums(p); k <- colSums(p)
  po <- sum(diag(p)); pe <- sum(r * k)
  (po - pe) / (1 - pe)
}

se_formula <- function(counts) {
  n <- sum(counts); p <- counts / n; r <- rowSums(p); k <- colSums(p); kappa <- kappa_of(counts)
  pe <- sum(r * k); total <- 0
  for (i in seq_along(r)) for (j in seq_along(k)) {
    term <- if (i == j) (1 - (r[i] + k[i]) * (1 - kappa))^2 else (1 - kappa)^2 * (k[i] + r[j])^2
    total <- total + p[i, j] * term
  }
  sqrt((total - (kappa - pe * (1 - kappa))^2) / n) / (1 - pe)
}

se_delta <- function(counts) {
  n <- sum(counts); p <- counts / n; r <- rowSums(p); k <- colSums(p)
  po <- sum(diag(p)); pe <- sum(r * k)
  g <- (diag(length(r)) * (1 - pe) - outer(k, r, `+`) * (1 - po)) / (1 - pe)^2
  sqrt((sum(p * g^2) - sum(p * g)^2) / n)
}

case <- function(name, counts) {
  counts <- unname(counts); dimnames(counts) <- NULL
  stopifnot(all.equal(se_formula(counts), se_delta(counts), tolerance = 1e-12))
  list(name = name, counts = counts, kappa = kappa_of(counts), se = se_formula(counts))
}

draw <- function(number) {
  size <- sample(2:8, 1); n <- sample(c(20, 154, 1000), 1)
  first <- c(1:2, sample(size, n - 2, replace = TRUE, prob = runif(size)^3 + .02))
  copied <- runif(n) < runif(1, .1, .95)
  second <- c(1, 1, ifelse(copied, first, sample(size, n, replace = TRUE))[-(1:2)])  # one disagreement at least
  case(sprintf("random-%02d", number), unclass(table(factor(first, 1:size), factor(second, 1:size))))
}

diagnoses <- matrix(c(75, 1, 4, 5, 4, 1, 0, 0, 10), 3, byrow = TRUE)
out <- list(
  source = list(R = R.version.string, script = "tests/reference/agreement.R"),
  cases = c(list(case("two raters, three categories", diagnoses)), lapply(1:60, draw))
)
write(toJSON(out, digits = NA, auto_unbox = TRUE), commandArgs(TRUE)[1])
