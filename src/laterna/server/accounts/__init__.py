"""Who may film, what and how much: keys, owners, roll-out stages, quotas and the record of it."""
