"""The portal's pages about the people whose data a team handles."""
