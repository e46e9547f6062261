"""The portal's pages about the person, a module a subject."""
