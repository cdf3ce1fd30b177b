"""Opt-in tests of the extension in a real VS Code: `make test-editors`."""
