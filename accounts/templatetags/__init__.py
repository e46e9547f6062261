"""What templates need to show a sign-in."""
