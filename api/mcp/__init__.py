"""The door for assistants: the Model Context Protocol, over standard streams and at /mcp."""
