"""What calls cost: tokens, FLOPs, money, time."""
