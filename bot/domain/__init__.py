"""Values and rules. Pure: no await, no clock, no library."""
