"""Untrusted sound in, clean speech out; knows neither Discord nor the model's API."""
