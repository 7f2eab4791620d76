"""Searches over trees of reasoning steps: pure, with ask and tell, and a state to be saved at any point."""
