"""The WSGI server in front of the application: sockets, framing, time-outs."""
