"""`python -m app` is the command `parapet`."""

from app.cli import main

main()
