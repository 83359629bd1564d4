"""The server as its enemies see it: real sockets, hostile bytes, no patience."""
