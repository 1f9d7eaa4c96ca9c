"""One relation a function, found by its name: select, join, narrow and sum; nothing about readers."""
