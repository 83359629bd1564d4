"""The audit log: who did what with other people's access, kept apart from what they can change."""
