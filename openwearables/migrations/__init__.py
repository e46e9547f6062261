"""What belongs to no app alone: the operators' groups."""
