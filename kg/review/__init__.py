"""What a reviewer's signature binds, and what it makes of an advisory."""
