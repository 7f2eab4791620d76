"""Properties over generated logs, and the fast code against the oracles."""
