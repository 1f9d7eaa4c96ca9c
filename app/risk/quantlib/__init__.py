"""Products and conventions that QuantLib knows better than a closed form: American, barrier, bonds, day counts."""
