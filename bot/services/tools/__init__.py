"""The functions a model may call: `table` holds them, and is where an owner adds one."""
