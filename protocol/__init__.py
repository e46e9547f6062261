"""The HTTP contract's rules (docs: contract §§1 and 6) as code: addresses, strict input, problem details."""
