"""Discord objects to our values, and our values to Discord."""
