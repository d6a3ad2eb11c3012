"""Discord and the model on one machine, for trying out and for tests."""
