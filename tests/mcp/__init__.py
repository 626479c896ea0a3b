"""The door for assistants, driven by the official SDK's own client."""
