"""Letters: from a timer to a mail, composed when it is sent and in the reader's language."""
