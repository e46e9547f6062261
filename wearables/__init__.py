"""What a key opens: the people whose wearable data a team handles."""
