"""The REST surface of accounts: `sign_in` (OAuth 2, no credential) and `account` (a developer's session)."""
