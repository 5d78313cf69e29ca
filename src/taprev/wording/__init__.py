"""Where numbers become words: labels, sentences, and the sentences that several rooms share."""
