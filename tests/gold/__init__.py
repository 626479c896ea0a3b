"""What the golden cases say of the whole: what is found, what is silent, how many alerts."""
