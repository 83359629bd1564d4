"""
Installs Python packages into `.venv` and JavaScript packages into `node_modules`.

It runs before there is anything, so it imports the standard library only.
"""
