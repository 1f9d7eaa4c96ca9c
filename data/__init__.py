"""The warehouse: what is stored, who may read which rows, and how files become snapshots."""
