"""What hospitals write, as a pharmacist or a biochemist reads it."""
