"""What operators and developers do at a command line; `backend.cli` is the door."""
