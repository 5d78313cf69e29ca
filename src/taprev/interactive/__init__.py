"""What is typed in Python and in notebooks: the results of a review as objects, and a meta-analysis of a data frame."""
