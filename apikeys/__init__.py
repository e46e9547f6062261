"""The credential a program carries: keys, scopes, limits."""
