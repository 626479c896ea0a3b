"""Every row of what the software must do, and the tests that show it."""
