"""The audit pages: a static site that leads from every pooled number to the printed figure behind it."""
