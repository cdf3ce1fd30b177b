"""Students' cells judged in a sandbox: nothing they do reaches this machine or another student."""
