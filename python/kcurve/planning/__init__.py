"""Which model, strategy and number of calls is best for a budget."""
