"""The CRM of Fjell & Tarn, an invented mail-order outdoor shop: a real MCP server over one SQLite file."""
