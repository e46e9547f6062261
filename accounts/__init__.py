"""The person: developers, teams, sessions, sign-in, audit."""
