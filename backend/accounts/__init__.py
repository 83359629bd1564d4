"""People: what the service knows of a Firebase account, and the devices it may push to."""
