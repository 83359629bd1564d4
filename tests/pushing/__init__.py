"""The sender of pushes, over the wire: against a stand-in of FCM, and a server that misbehaves."""
