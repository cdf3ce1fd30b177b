"""Opt-in tests that build the image: `make test-container`."""
