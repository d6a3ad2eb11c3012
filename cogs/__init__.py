"""What Discord members touch: one module per feature."""
