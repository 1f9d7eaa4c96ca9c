"""Who a reader is, and the one gate every request passes."""
