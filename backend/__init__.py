"""TaskFlow's service: what needs privilege, and what follows from every change."""
