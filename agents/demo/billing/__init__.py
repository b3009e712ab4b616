"""The billing service of Fjell & Tarn: an own HTTP service, described in OpenAPI 3.0, over one SQLite file."""
