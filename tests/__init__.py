"""The tests of kcurve: oracles (slow, exact, readable), golden numbers, properties, and one file per room."""
