"""The running service: a parent process and its workers."""
