"""The figures of one domain beside its forest plot: funnel, studies left out, multiverse, posteriors."""
