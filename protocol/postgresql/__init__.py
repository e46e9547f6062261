"""Django's PostgreSQL backend for servers, which can't wait: ENGINE `protocol.postgresql`."""
