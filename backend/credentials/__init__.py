"""Passwords and addresses of e-mail: Firebase Auth keeps them; the letters about them are ours."""
