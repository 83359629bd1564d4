"""Notifications: from an event to what each person finds in the app and on their devices."""
