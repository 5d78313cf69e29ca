# Run scripts, each in a fork of this process, which has their libraries loaded: what Rscript would make of them.
#
#   Rscript in_forks.R library ...
#
# A line of the standard input is a script, its working folder, the files for what it says and for its errors, and its
# arguments, with tabs between them. The answer to a line is a line with the exit status.

for (name in commandArgs(trailingOnly = TRUE)) suppressPackageStartupMessages(library(name, character.only = TRUE))

ended <- function(status) structure(class = c("ended", "condition"), list(message = "ended", call = NULL, status = status))

run <- function(script, folder, said, errors, ...) {
  given <- c(...)
  setwd(folder)
  sink(said)
  sink(file(errors, "w"), type = "message")
  own <- new.env(parent = globalenv())
  own$commandArgs <- function(trailingOnly = FALSE)
    if (trailingOnly) given else c("R", paste0("--file=", gsub(" ", "~+~", script, fixed = TRUE)), "--args", given)
  own$quit <- function(status = 0, ...) stop(ended(status))
  tryCatch({
    for (expression in parse(script, keep.source = FALSE)) {
      made <- withVisible(eval(expression, own))
      if (made$visible) print(made$value)
    }
    0
  },
  ended = function(end) end$status,
  error = function(error) {
    message(conditionMessage(error))
    1
  })
}

input <- file("stdin", "r")
while (length(line <- readLines(input, 1))) {
  job <- parallel::mcparallel(do.call(run, as.list(strsplit(line, "\t", fixed = TRUE)[[1]])))
  status <- parallel::mccollect(job)[[1]]
  cat(if (is.numeric(status)) status else 255, "\n", sep = "")
  flush(stdout())
}
