"""The demo's book and market: real prices, a simulated trade history, and synthetic curves and volatilities."""
