"""Real servers for tests: one that answers by rule and fails by plan, and llama.cpp with a small model."""
