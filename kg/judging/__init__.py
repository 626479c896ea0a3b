"""From a Case to verdicts, in three-valued logic."""
