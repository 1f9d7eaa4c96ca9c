"""The product: from a question to numbers on a screen, in a file or in a portal."""
