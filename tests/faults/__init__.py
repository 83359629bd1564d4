"""What must hold whatever dies, sleeps or gets lost: schedulers, and jobs on their way."""
