"""What every page may need."""
