"""How good a verifier is, and what its quality allows."""
