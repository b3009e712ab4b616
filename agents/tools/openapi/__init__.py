"""Services that describe themselves in OpenAPI 3: a description becomes tools, and a call of one an HTTP request."""
