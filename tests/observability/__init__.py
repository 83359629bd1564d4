"""The service as it runs: real processes, whose every word is read."""
