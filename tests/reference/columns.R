# Reference values for tests/effects/test_columns.py: whole columns by metafor's escalc, with additions and vtypes.
# Usage: Rscript columns.R [output.json]   (default: columns.json beside this script)
#
# Published sets of metadat. It has no changes of the same people with their correlation and no pairs with empty cells;
# those rows are drawn here with a fixed seed.

suppressPackageStartupMessages({
  library(metafor)
  library(jsonlite)
})

TO <- c("only0", "all", "if0all", "none")

tables <- function(id, source, ai, n1i, ci, n2i) {
  kept <- complete.cases(data.frame(ai, n1i, ci, n2i))
  list(id = id, source = source, event_arm1 = ai[kept], totaln_arm1 = n1i[kept], event_arm2 = ci[kept],
       totaln_arm2 = n2i[kept])
}

means <- function(id, source, m1i, sd1i, n1i, m2i, sd2i, n2i) {
  kept <- complete.cases(data.frame(m1i, sd1i, n1i, m2i, sd2i, n2i)) & sd1i > 0 & sd2i > 0
  list(id = id, source = source, mean_arm1 = m1i[kept], sd_arm1 = sd1i[kept], n_arm1 = n1i[kept],
       mean_arm2 = m2i[kept], sd_arm2 = sd2i[kept], n_arm2 = n2i[kept])
}

all_tables <- function() list(
  with(dat.bcg, tables("bcg", "Colditz et al. 1994, JAMA 271:698-702", tpos, tpos + tneg, cpos, cpos + cneg)),
  with(dat.nielweise2007, tables("nielweise2007", "Niel-Weise et al. 2007, J Antimicrob Chemother 59:359-369",
                                 ai, n1i, ci, n2i)),
  with(dat.hine1989, tables("hine1989", "Hine et al. 1989, Ann Emerg Med 18:1066-1072", ai, n1i, ci, n2i)),
  with(dat.li2007, tables("li2007", "Li et al. 2007, Cochrane Database Syst Rev CD002755", ai, n1i, ci, n2i)),
  with(dat.collins1985a, tables("collins1985a", "Collins et al. 1985, BMJ 290:17-23", b.xti, nti, b.xci, nci)),
  with(dat.linde2005, tables("linde2005", "Linde et al. 2005, Br J Psychiatry 186:99-107", ai, n1i, ci, n2i)),
  with(dat.yusuf1985[dat.yusuf1985$table == "6", ],
       tables("yusuf1985", "Yusuf et al. 1985, Prog Cardiovasc Dis 27:335-371, table 6", ai, n1i, ci, n2i)),
  with(dat.lee2004, tables("lee2004", "Lee and Done 2004, Cochrane Database Syst Rev CD003281", ai, n1i, ci, n2i)),
  with(dat.damico2009, tables("damico2009", "D'Amico et al. 2009, Cochrane Database Syst Rev CD000022", xt, nt, xc, nc)),
  with(dat.dorn2007, tables("dorn2007", "Dorn et al. 2007, Neurogastroenterol Motil 19:630-637", x.a, n.a, x.p, n.p))
)

of_diabetes <- function() {
  first <- dat.senn2013[!duplicated(dat.senn2013$study), ]
  second <- dat.senn2013[duplicated(dat.senn2013$study), ]
  second <- second[match(first$study, second$study), ]
  means("senn2013", "Senn et al. 2013, Stat Methods Med Res 22:169-189; first two arms", first$mi, first$sdi, first$ni,
        second$mi, second$sdi, second$ni)
}

all_means <- function() list(
  with(dat.normand1999, means("normand1999", "Normand 1999, Stat Med 18:321-359", m1i, sd1i, n1i, m2i, sd2i, n2i)),
  with(dat.curtis1998, means("curtis1998", "Curtis and Wang 1998, Oecologia 113:299-313", m2i, sd2i, n2i, m1i, sd1i, n1i)),
  with(dat.gibson2002, means("gibson2002", "Gibson et al. 2002, Cochrane Database Syst Rev CD001117",
                             m1i, sd1i, n1i, m2i, sd2i, n2i)),
  with(dat.dagostino1998, means("dagostino1998", "D'Agostino and Weintraub 1998, Clin Pharmacol Ther",
                                mt, sdt, tnt, mc, sdc, tnc)),
  with(dat.franchini2012, means("franchini2012", "Franchini et al. 2012, BMC Med Res Methodol; first two arms",
                                -y1, sd1, n1, -y2, sd2, n2)),
  with(dat.stowe2010, means("stowe2010", "Stowe et al. 2010, Cochrane Database Syst Rev CD007166; first two arms",
                            -y1, sd1, n1, -y2, sd2, n2)),
  of_diabetes()
)

of_correlations <- function(id, source, data) {
  kept <- !is.na(data$ri) & !is.na(data$ni) & data$ni > 3
  list(id = id, source = source, r = data$ri[kept], n_arm1 = data$ni[kept])
}

all_correlations <- function() list(
  of_correlations("cohen1981", "Cohen 1981, Rev Educ Res 51:281-309", dat.cohen1981),
  of_correlations("craft2003", "Craft et al. 2003, J Sport Exerc Psychol 25:44-65", dat.craft2003),
  of_correlations("crede2010", "Crede et al. 2010, Rev Educ Res 80:272-295", dat.crede2010),
  of_correlations("mcdaniel1994", "McDaniel et al. 1994, J Appl Psychol 79:599-616", dat.mcdaniel1994),
  of_correlations("molloy2014", "Molloy et al. 2014, Ann Behav Med 47:331-341", dat.molloy2014)
)

all_rates <- function() list(
  with(dat.nielweise2008, list(id = "nielweise2008", source = "Niel-Weise et al. 2008, J Antimicrob Chemother 62:1163",
                               count_arm1 = x1i, time_arm1 = t1i, count_arm2 = x2i, time_arm2 = t2i)),
  with(dat.hart1999, list(id = "hart1999", source = "Hart et al. 1999, Ann Intern Med 131:492-501",
                          count_arm1 = x1i, time_arm1 = t1i, count_arm2 = x2i, time_arm2 = t2i))
)

draw_matched <- function() list(id = "matched", source = "drawn by this script",
  count_both = rpois(30, 6), count_arm1 = rpois(30, 2), count_arm2 = rpois(30, 3), count_neither = rpois(30, 12))

draw_changes <- function() list(id = "changes", source = "drawn by this script",
  mean_arm1 = round(rnorm(30, 50, 10), 2), sd_arm1 = round(runif(30, 2, 15), 2),
  mean_arm2 = round(rnorm(30, 45, 10), 2), sd_arm2 = round(runif(30, 2, 15), 2),
  n_arm1 = sample(4:120, 30, replace = TRUE), r_pre_post = round(runif(30, -.2, .95), 2))

effects <- function(set, measure, what, ...) {
  es <- suppressWarnings(escalc(measure, ..., append = FALSE))
  c(list(set = set$id, measure = measure), what, list(yi = I(as.numeric(es$yi)), vi = I(as.numeric(es$vi))))
}

with_additions <- function(set, measures, ...) {
  cases <- expand.grid(measure = measures, to = TO, add = .5, stringsAsFactors = FALSE)
  cases <- rbind(cases, expand.grid(measure = measures, to = "only0", add = .1, stringsAsFactors = FALSE))
  lapply(seq_len(nrow(cases)), function(i) effects(
    set, cases$measure[i], list(vtype = "LS", add = cases$add[i], to = cases$to[i]), ..., add = cases$add[i],
    to = cases$to[i], drop00 = FALSE))
}

with_types <- function(set, measure, types, ...) lapply(types, function(type) effects(
  set, measure, list(vtype = type, add = 0, to = "none"), ..., vtype = type))

of_tables <- function(s) c(
  with_additions(s, c("OR", "RR", "RD", "PETO", "OR2DL", "OR2DN"), ai = s$event_arm1, n1i = s$totaln_arm1,
                 ci = s$event_arm2, n2i = s$totaln_arm2),
  with_additions(s, c("PR", "PLN", "PLO", "PAS", "PFT"), xi = s$event_arm1, ni = s$totaln_arm1),
  with_types(s, "RD", c("UB", "AV"), ai = s$event_arm1, n1i = s$totaln_arm1, ci = s$event_arm2, n2i = s$totaln_arm2,
             add = 0, to = "none"),
  with_types(s, "PR", c("UB", "AV"), xi = s$event_arm1, ni = s$totaln_arm1, add = 0, to = "none"),
  with_types(s, "PLN", "AV", xi = s$event_arm1, ni = s$totaln_arm1, add = 0, to = "none"),
  with_types(s, "PLO", "AV", xi = s$event_arm1, ni = s$totaln_arm1, add = 0, to = "none"),
  list(effects(s, "PLN", list(vtype = "AV", add = .5, to = "all"), xi = s$event_arm1, ni = s$totaln_arm1, add = .5,
               to = "all", vtype = "AV"),
       effects(s, "PLO", list(vtype = "AV", add = .5, to = "all"), xi = s$event_arm1, ni = s$totaln_arm1, add = .5,
               to = "all", vtype = "AV")))

of_means <- function(s) {
  take <- function(measure, types) with_types(s, measure, types, m1i = s$mean_arm1, sd1i = s$sd_arm1, n1i = s$n_arm1,
                                              m2i = s$mean_arm2, sd2i = s$sd_arm2, n2i = s$n_arm2)
  above <- all(s$mean_arm1 > 0) && all(s$mean_arm2 > 0)
  c(take("MD", c("LS", "UB", "HO")), take("SMD", c("LS", "UB", "LS2", "AV")), take("SMD1", c("UB", "LS2", "AV")),
    if (above) take("ROM", c("LS", "HO", "AV", "AVHO")))
}

of_rates <- function(s) c(
  with_additions(s, c("IRR", "IRD"), x1i = s$count_arm1, t1i = s$time_arm1, x2i = s$count_arm2, t2i = s$time_arm2),
  with_additions(s, "IRLN", xi = s$count_arm1, ti = s$time_arm1))

of_matched <- function(s) with_additions(s, c("MPRD", "MPRR", "MPOR", "MPORC", "MPPETO"), ai = s$count_both,
                                         bi = s$count_arm1, ci = s$count_arm2, di = s$count_neither)

# metafor standardises SMCR by sd1i, so that its first mean is the one before; the sign is turned back.
of_changes <- function(s) {
  one <- effects(s, "SMCR", list(vtype = "LS2", add = 0, to = "none"), m1i = s$mean_arm2, sd1i = s$sd_arm2,
                 m2i = s$mean_arm1, ni = s$n_arm1, ri = s$r_pre_post, vtype = "LS2")
  one$yi <- I(-as.numeric(one$yi))
  list(one, effects(s, "SMCC", list(vtype = "LS2", add = 0, to = "none"), m1i = s$mean_arm1, sd1i = s$sd_arm1,
                    m2i = s$mean_arm2, sd2i = s$sd_arm2, ni = s$n_arm1, ri = s$r_pre_post, vtype = "LS2"))
}

# jsonlite stops at 15 digits, which would not give back the same doubles.
all_digits <- function(content) {
  rapply(content, function(x) I(ifelse(is.finite(x), sprintf("@%.17g@", x), "@null@")),
         classes = c("numeric", "integer", "AsIs"), how = "replace")
}

main <- function(output) {
  set.seed(20260330, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  kinds <- list(list(all_tables(), of_tables), list(all_means(), of_means), list(all_rates(), of_rates),
                list(list(draw_matched()), of_matched), list(list(draw_changes()), of_changes),
                list(all_correlations(), function(s) with_types(s, "COR", c("LS", "AV"), ri = s$r, ni = s$n_arm1)))
  content <- list(
    made_by = list(script = "tests/reference/columns.R", R = as.character(getRversion()),
                   metafor = as.character(packageVersion("metafor")),
                   metadat = as.character(packageVersion("metadat")), seed = "20260330"),
    sets = unlist(lapply(kinds, `[[`, 1), recursive = FALSE),
    effects = unlist(lapply(kinds, function(kind) unlist(lapply(kind[[1]], kind[[2]]), recursive = FALSE)),
                     recursive = FALSE))
  text <- toJSON(all_digits(content), auto_unbox = TRUE, null = "null")
  text <- gsub('"@([^@"]*)@"', "\\1", text)
  writeLines(gsub("},{", "},\n{", text, fixed = TRUE), output)
}

arguments <- commandArgs(trailingOnly = TRUE)
script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
here <- dirname(gsub("~+~", " ", script, fixed = TRUE)) # Rscript writes a space in a path so
main(if (length(arguments)) arguments[1] else file.path(here, "columns.json"))
