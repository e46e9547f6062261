"""A tiny Django project that serves the packages we are compared with; it runs in benchmarks/.venv/peers."""
