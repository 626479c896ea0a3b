"""The reasons behind a finding or a silence, in sentences and pictures."""
