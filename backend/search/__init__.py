"""Finding tasks, boards, lists and comments by their words."""
