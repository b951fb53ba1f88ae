"""Small forms inside the console's action dialogs, and what was entered in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup, escape
from starlette.datastructures import FormData, UploadFile

from gateway.crm.embedded.files import NewFile


def form(*inputs: Markup) -> str:
    """Return a form around inputs."""
    return str(Markup('<form enctype="multipart/form-data">{}</form>').format(Markup("").join(inputs)))


def beside(*inputs: Markup) -> Markup:
    """Return inputs that stand beside one another where there is room."""
    cells = Markup("").join(Markup('<div class="col-12 col-sm">{}</div>').format(item) for item in inputs)
    return Markup('<div class="row">{}</div>').format(cells)


def text(name: str, label: str, value: str = "", kind: str = "text") -> Markup:
    """Return a one-line input; `kind` may be `date`."""
    return _labelled(
        name,
        label,
        Markup('<input type="{}" class="form-control" id="f-{}" name="{}" value="{}">').format(
            kind, name, name, value
        ),
    )


def long_text(name: str, label: str) -> Markup:
    """Return an input of several lines."""
    return _labelled(
        name,
        label,
        Markup('<textarea class="form-control" rows="4" id="f-{}" name="{}"></textarea>').format(name, name),
    )


def choice(name: str, label: str, options: Mapping[str, str] | Iterable[tuple[str, str]]) -> Markup:
    """Return a drop-down of (value, words)."""
    pairs = options.items() if isinstance(options, Mapping) else options
    items = Markup("").join(
        Markup('<option value="{}">{}</option>').format(value, words) for value, words in pairs
    )
    return _labelled(
        name,
        label,
        Markup('<select class="form-select" id="f-{}" name="{}">{}</select>').format(name, name, items),
    )


def file(name: str, label: str) -> Markup:
    """Return a file input."""
    return _labelled(
        name, label, Markup('<input type="file" class="form-control" id="f-{}" name="{}">').format(name, name)
    )


def ticks(name: str, label: str, options: Mapping[str, str], chosen: str = "") -> Markup:
    """Return boxes to tick, of (value, words)."""
    boxes = Markup("").join(
        Markup(
            '<label class="form-check mb-1"><input class="form-check-input" type="checkbox" name="{}" value="{}"{}>'
            '<span class="form-check-label">{}</span></label>'
        ).format(name, value, Markup(" checked") if value == chosen else "", words)
        for value, words in options.items()
    )
    return Markup('<div class="mt-3"><div class="form-label">{}</div>{}</div>').format(label, boxes)


def tick(name: str, label: str) -> Markup:
    """Return a box to tick."""
    return Markup(
        '<label class="form-check mt-3"><input class="form-check-input" type="checkbox" name="{}">'
        '<span class="form-check-label">{}</span></label>'
    ).format(name, label)


def _labelled(name: str, label: str, control: Markup) -> Markup:
    return Markup('<div class="mt-3"><label class="form-label" for="f-{}">{}</label>{}</div>').format(
        name, escape(label), control
    )


def ticked(data: FormData, name: str, options: Mapping[str, str]) -> list[str]:
    """Return which of these boxes were ticked."""
    return [value for value in options if value in data.getlist(name)]


def entered(data: FormData, name: str) -> str:
    """Return what was typed, trimmed and with plain line ends."""
    value = data.get(name)
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


async def entered_files(data: FormData, name: str) -> list[NewFile]:
    """Return the files that were chosen."""
    found = []
    for item in data.getlist(name):
        if isinstance(item, UploadFile) and item.filename:
            kind = item.content_type or "application/octet-stream"
            found.append(NewFile(item.filename, kind, await item.read()))
            await item.close()
    return found
