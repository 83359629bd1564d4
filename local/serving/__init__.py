"""What the small HTTP stand-ins share: serving, commands, inboxes, scripted outcomes, pages."""
