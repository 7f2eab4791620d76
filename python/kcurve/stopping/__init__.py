"""When to stop drawing: adaptive rules for a vote, and their replay on a log."""
