"""The figures of one domain besides its forest plot: funnel, studies left out, multiverse, posteriors."""
