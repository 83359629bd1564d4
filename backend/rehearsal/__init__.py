"""What would happen between two instants if nobody did anything: the same code, and no trace."""
