# Reference values for tests/synthesis/test_contrasts.py: joint tests (HTZ) and single contrasts of coefficients with
# CR2, by clubSandwich's Wald_test and linear_contrast on models by metafor.
# Usage: Rscript contrasts.R [output.json]   (default: contrasts.json beside this script)

suppressPackageStartupMessages({
  library(metafor)
  library(clubSandwich)
  library(jsonlite)
})

slopes <- function(p) diag(p)[-1, , drop = FALSE]
equal <- function(p) cbind(-1, diag(p - 1))

case <- function(id, source, data, formula, study, rho = 0, contrasts = slopes) {
  frame <- model.frame(formula, data, na.action = na.pass)
  kept <- complete.cases(frame) & !is.na(data$yi) & !is.na(data$vi)
  X <- model.matrix(formula, droplevels(as.data.frame(data)[kept, ]))
  list(id = id, source = source, yi = as.numeric(data$yi)[kept], vi = as.numeric(data$vi)[kept], X = unname(X)[, ],
       study = as.integer(factor(study[kept], levels = unique(study[kept]))), rho = rho, contrasts = contrasts(ncol(X)))
}

four_times <- function(data) {
  long <- reshape(as.data.frame(data[c("study", paste0("y", 1:4, "i"), paste0("v", 1:4, "i"))]),
                  direction = "long", idvar = "study",
                  varying = list(paste0("y", 1:4, "i"), paste0("v", 1:4, "i")), v.names = c("yi", "vi"))
  long[order(match(long$study, data$study), long$time), ]
}

cases <- function() {
  bcg <- escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
  offences <- dat.assink2016
  schools <- dat.konstantopoulos2011
  grants <- escalc("OR", ai = waward, n1i = wtotal, ci = maward, n2i = mtotal, data = dat.bornmann2007)
  schizophrenia <- dat.knapp2017
  delinquency <- dat.tannersmith2016
  coaching <- dat.kalaian1996
  writing <- dat.bangertdrowns2004
  teachers <- dat.raudenbush1985
  dental <- dat.berkey1998
  ishak <- four_times(dat.ishak2007)
  anxiety <- escalc("ZCOR", ri = ri, ni = ni, data = dat.craft2003)
  list(
    case("bcg", "Colditz et al. 1994, JAMA 271:698-702; on latitude and year", bcg, ~ ablat + year, bcg$trial),
    case("bcg-allocation", "the same, on allocation", bcg, ~ alloc, bcg$trial),
    case("assink2016", "Assink and Wibbelink 2016, Quant Methods Psychol 12:154-174; on year and publication", offences,
         ~ year + pubstatus, offences$study),
    case("assink2016-rho", "the same, with rho 0.6; all three coefficients", offences, ~ year + pubstatus,
         offences$study, .6, function(p) diag(p)),
    case("assink2016-type", "the same, on type, one of which a single study has", offences, ~ 0 + deltype,
         offences$study, .6, equal),
    case("konstantopoulos2011", "Konstantopoulos 2011, Res Synth Methods 2:61-76; on years, quadratic", schools,
         ~ I(year - 1990) + I((year - 1990)^2), schools$district),
    case("bornmann2007", "Bornmann et al. 2007, J Informetr 1:226-238; on type and country", grants, ~ type + country,
         grants$study, .4),
    case("knapp2017", "Knapp et al. 2017, Psychol Med 47:2002-2016; on difficulty and people", schizophrenia,
         ~ difficulty + n_sz, schizophrenia$study, .4),
    case("tannersmith2016", "Tanner-Smith et al. 2016, J Dev Life Course Criminol 2:85-112; on sexes and age",
         delinquency, ~ sexmix + aget1, delinquency$studyid, .8),
    case("kalaian1996", "Kalaian and Raudenbush 1996, Psychol Methods 1:227-235; on outcome and hours", coaching,
         ~ outcome + log(hrs), coaching$study, .66),
    case("bangertdrowns2004", "Bangert-Drowns et al. 2004, Rev Educ Res 74:29-58; on length, feedback and more",
         writing, ~ length + wic + feedback + info, writing$id),
    case("raudenbush1985", "Raudenbush and Bryk 1985, J Educ Stat 10:75-98; on weeks, setting and tester", teachers,
         ~ weeks + setting + tester, teachers$study),
    case("berkey1998", "Berkey et al. 1998, Stat Med 17:2537-2550; both outcomes", dental, ~ 0 + outcome, dental$trial,
         .4, function(p) diag(p)),
    case("ishak2007", "Ishak et al. 2007, Stat Med 26:1008-1027; times alone, tested to be equal", ishak,
         ~ 0 + factor(time), ishak$study, .8, equal),
    case("craft2003", "Craft et al. 2003, J Sport Exerc Psychol 25:44-65; pairs of variables, tested to be equal",
         anxiety, ~ 0 + paste(var1, var2), anxiety$study, .4, equal)
  )
}

covariance_of <- function(set) {
  if (set$rho == 0) return(set$vi)
  as.matrix(Matrix::bdiag(impute_covariance_matrix(set$vi, set$study, r = set$rho, return_list = TRUE)))
}

results_of <- function(set) {
  data <- data.frame(yi = set$yi, study = set$study, effect = seq_along(set$yi))
  V <- covariance_of(set)
  nested <- anyDuplicated(set$study) > 0
  fit <- if (nested) rma.mv(yi, V, mods = ~ 0 + set$X, random = ~ 1 | study/effect, data = data, sparse = FALSE) else
    with(set, rma(yi, vi, mods = ~ 0 + X))
  components <- if (nested) fit$sigma2 else c(0, fit$tau2)
  joint <- Wald_test(fit, constraints = set$contrasts, vcov = "CR2", cluster = set$study, test = "HTZ")
  single <- linear_contrast(fit, vcov = "CR2", cluster = set$study, contrasts = set$contrasts, test = "Satterthwaite",
                            p_values = TRUE)
  list(set = set$id, sigma2_study = components[1], sigma2_effect = components[2], F = joint$Fstat,
       df1 = joint$df_num, df2 = joint$df_denom, pval = joint$p_val, estimate = I(single$Est), se = I(single$SE),
       df = I(single$df), ci_lb = I(single$CI_L), ci_ub = I(single$CI_U), pvals = I(single$p_val))
}

# jsonlite stops at 15 digits, which would not give back the same doubles.
all_digits <- function(content) {
  rapply(content, function(x) {
    x[] <- ifelse(is.finite(x), sprintf("@%.17g@", x), "@null@")
    x
  }, classes = c("numeric", "matrix", "AsIs"), how = "replace")
}

main <- function(output) {
  sets <- cases()
  content <- list(
    made_by = list(script = "tests/reference/contrasts.R", R = as.character(getRversion()),
                   metafor = as.character(packageVersion("metafor")),
                   clubSandwich = as.character(packageVersion("clubSandwich")),
                   metadat = as.character(packageVersion("metadat"))),
    sets = sets, fits = lapply(sets, results_of))
  text <- toJSON(all_digits(content), auto_unbox = TRUE, null = "null")
  text <- gsub('"@([^@"]*)@"', "\\1", text)
  writeLines(gsub("},{", "},\n{", text, fixed = TRUE), output)
}

arguments <- commandArgs(trailingOnly = TRUE)
script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
here <- dirname(gsub("~+~", " ", script, fixed = TRUE)) # Rscript writes a space in a path so
main(if (length(arguments)) arguments[1] else file.path(here, "contrasts.json"))
