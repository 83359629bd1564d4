"""What people do with what they were told: read, put away, put off; and the badge that follows."""
