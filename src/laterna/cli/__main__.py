"""`python -m laterna.cli`: the same as `laterna`."""

from laterna.cli import main

main()
