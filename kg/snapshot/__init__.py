"""The compiled form of a release, which the build writes and every check reads."""
