"""What people are told, in their language: built-in texts, and versions that replace them."""
