"""The project: puts the apps together and holds no domain rule."""
