"""Attachments: files of tasks, which apps send to and fetch from Cloud Storage themselves."""
