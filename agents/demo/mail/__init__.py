"""The demo's outgoing mail: an SMTP server that keeps what it is given, and an MCP server that sends by SMTP.

Nothing leaves the machine: what would go out stands in the outbox, for everybody to see.
"""
