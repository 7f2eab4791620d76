"""kcurve."""
