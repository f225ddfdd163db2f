"""Who films a Shot: the contract (`protocol`), who is there (`registry`), and the engines."""
