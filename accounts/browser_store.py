"""Where a browser's session is kept: Django's database store, but for one thing: the table holds a hash.

Django keeps the value of the cookie itself as the primary key, so that a copy of the database opens every signed-in
portal. A fast hash is enough here: a session key is random, so nobody guesses what it was made from.
"""

import hashlib

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


def stored(session_key: str) -> str:
    """What stands in the table for a cookie: 40 characters (160 bits) of SHA-256, as many as the column holds."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:40]


class SessionStore(DatabaseStore):
    """Django finds this class in the module that SESSION_ENGINE names."""

    def _get_session_from_db(self):
        cookie = self.session_key
        if cookie is None:
            return None
        self._session_key = stored(cookie)
        found = super()._get_session_from_db()
        self._session_key = cookie if found else None
        return found

    def exists(self, session_key):
        """Whether the table has a row for this cookie."""
        return super().exists(stored(session_key))

    def create_model_instance(self, data):
        """The row, under the hash of the cookie."""
        row = super().create_model_instance(data)
        row.session_key = stored(row.session_key)
        return row

    def delete(self, session_key=None):
        """Take the row of this cookie, or of the session's own, away."""
        session_key = session_key or self.session_key
        if session_key is not None:
            super().delete(stored(session_key))
