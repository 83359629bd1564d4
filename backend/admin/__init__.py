"""What those who run the service may do: see an account, disable it, appoint others."""
