"""Asking a person at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Protocol

import typer


class Dialogue(Protocol):
    """Somebody who is asked."""

    def say(self, text: str = "") -> None:
        """Tell something."""

    def ask(self, question: str, default: str = "") -> str:
        """Return a line; the default when nothing is entered."""

    def ask_secret(self, question: str) -> str:
        """Return a line that is not shown while it is entered; it may be empty."""

    def choose(self, question: str, choices: Sequence[str]) -> int:
        """Return which of these was chosen."""

    def confirm(self, question: str, *, default: bool) -> bool:
        """Return yes or no."""

    def progress(self, text: str) -> None:
        """Tell how far something has come, in the place of what was told before."""


class Terminal:
    """A person at a terminal. What they enter as a secret is neither shown nor kept in any history."""

    def say(self, text: str = "") -> None:
        """Tell something."""
        typer.echo(text)

    def ask(self, question: str, default: str = "") -> str:
        """Return a line."""
        return str(typer.prompt(question, default=default, show_default=bool(default))).strip()

    def ask_secret(self, question: str) -> str:
        """Return a line that was not shown."""
        return str(typer.prompt(question, default="", show_default=False, hide_input=True)).strip()

    def choose(self, question: str, choices: Sequence[str]) -> int:
        """Return which of these was chosen, by its number."""
        for number, choice in enumerate(choices, 1):
            typer.echo(f"  {number}  {choice}")
        while True:
            said = str(typer.prompt(question, default="1")).strip()
            if said.isascii() and said.isdigit() and 1 <= int(said) <= len(choices):
                return int(said) - 1
            typer.echo(f"Enter a number from 1 to {len(choices)}.")

    def confirm(self, question: str, *, default: bool) -> bool:
        """Return yes or no."""
        return bool(typer.confirm(question, default=default))

    def progress(self, text: str) -> None:
        """Tell how far something has come; on a terminal in one line, elsewhere in one line each."""
        if sys.stdout.isatty():
            typer.echo(f"\r\x1b[K{text}", nl=False)
        else:
            typer.echo(text)
