"""Commands: callables that turn a folded session into events inside the write transaction, or refuse."""
