"""The portal's pages about keys, a module a subject."""
