"""Timers: what must happen at an instant, kept as documents; the job queue is only their alarm."""
