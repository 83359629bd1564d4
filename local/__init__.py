"""The local stack: starts the Firebase Emulator Suite and stands in for what the Suite lacks."""
