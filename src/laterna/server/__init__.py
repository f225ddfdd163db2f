"""The Videos API that Sora's clients speak, with durable jobs, accounts and a studio page."""
