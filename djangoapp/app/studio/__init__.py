"""The pages on which those who work here look at the whole: today, the money, what does not add up."""
