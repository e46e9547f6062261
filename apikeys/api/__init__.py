"""The REST surface of keys: the keys themselves, their usage, the requests behind it, and keys that leaked."""
