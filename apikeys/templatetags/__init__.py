"""What templates need to show a key."""
