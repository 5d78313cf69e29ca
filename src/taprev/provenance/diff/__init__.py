"""The living review: what changed between two editions, which numbers moved, and which change moved them."""
