"""The proof that a chapter's checks can be trusted: what must pass, what must fail, and mutants."""
