# The forest plot of metafor on its own example, dat.bcg, to set beside ours (forest_checklist.md).
# Run it in this folder: Rscript forest_metafor.R
library(metafor)
library(metadat)

dat <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg,
              slab = paste(author, year, sep = ", "))
res <- rma(yi, vi, data = dat)
arms <- c(-9.5, -8, -6, -4.5)

png("forest_metafor.png", width = 1500, height = 1000, res = 170, type = "cairo")
par(mar = c(4, 4, 1, 2))
forest(res, addpred = TRUE, showweights = TRUE, xlim = c(-16, 7), at = log(c(0.05, 0.25, 1, 4)), atransf = exp,
       ilab = cbind(tpos, tneg, cpos, cneg), ilab.xpos = arms, cex = 0.75, header = "Author(s) and Year", mlab = "")
text(arms, res$k + 2, c("TB+", "TB-", "TB+", "TB-"), cex = 0.75, font = 2)
text(c(mean(arms[1:2]), mean(arms[3:4])), res$k + 3, c("Vaccinated", "Control"), cex = 0.75, font = 2)
text(-16, -1, pos = 4, cex = 0.75, bquote(paste(
  "RE Model (Q = ", .(formatC(res$QE, digits = 2, format = "f")), ", df = ", .(res$k - res$p), ", p ",
  .(if (res$QEp < 0.001) "< 0.001" else paste("=", formatC(res$QEp, digits = 3, format = "f"))), "; ",
  I^2, " = ", .(formatC(res$I2, digits = 1, format = "f")), "%)")))
invisible(dev.off())
