"""What jobs do: one handler a file, each a few seconds' work a step."""
