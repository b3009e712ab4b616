"""Tests of the REST API over a real port, with a real runtime and the demo desk."""
