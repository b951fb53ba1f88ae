"""Where the frozen app starts."""

from app.__main__ import main

main()
