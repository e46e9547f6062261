"""The pages behind `/docs/`: Markdown of this repository, rendered once a process; no session and no database."""
