# Reference values of effect sizes by metafor::escalc, as JSON at full precision.
# Run: Rscript tests/reference/effects.R tests/reference/effects.json
suppressPackageStartupMessages({library(metafor); library(jsonlite)})
set.seed(20260101)
sets <- 60
n1 <- sample(c(3:12, 20:400), sets, replace = TRUE)
n2 <- sample(c(3:12, 20:400), sets, replace = TRUE)
m1 <- round(rnorm(sets, 50, 10), 2); m2 <- round(rnorm(sets, 45, 10), 2)
s1 <- round(runif(sets, 0.5, 20), 2); s2 <- round(runif(sets, 0.5, 20), 2)
r  <- round(runif(sets, -0.3, 0.95), 2)
t  <- round(rnorm(sets, 0, 3), 3)

values <- function(es) data.frame(yi = as.numeric(es$yi), vi = as.numeric(es$vi))
two_arms <- data.frame(n_arm1 = n1, n_arm2 = n2, mean_arm1 = m1, mean_arm2 = m2, sd_arm1 = s1, sd_arm2 = s2)
cases <- list(
  SMD = cbind(two_arms, values(escalc("SMD", m1i = m1, sd1i = s1, n1i = n1, m2i = m2, sd2i = s2, n2i = n2))),
  MD = cbind(two_arms, values(escalc("MD", m1i = m1, sd1i = s1, n1i = n1, m2i = m2, sd2i = s2, n2i = n2))),
  # metafor divides by sd1i, so that its first mean is the one before; the sign is turned back below
  SMCR = cbind(n_arm1 = n1, mean_arm1 = m1, mean_arm2 = m2, sd_arm2 = s2, r_pre_post = r,
    {v <- values(escalc("SMCR", m1i = m2, sd1i = s2, m2i = m1, ni = n1, ri = r)); v$yi <- -v$yi; v}),
  SMD_t = cbind(n_arm1 = n1, n_arm2 = n2, t = t, values(escalc("SMD", ti = t, n1i = n1, n2i = n2)))
)
out <- list(
  source = list(R = R.version.string, metafor = as.character(packageVersion("metafor")), vtype = "LS",
                script = "tests/reference/effects.R"),
  cases = cases
)
write(toJSON(out, digits = NA, auto_unbox = TRUE, dataframe = "rows"), commandArgs(TRUE)[1])
