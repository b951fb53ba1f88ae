"""The settings of an organisation as public properties of the installer, out of the one schema of the policy.

`msiexec /i … SERVERURL=https://portal.vendor.example KIOSK=1` recommends values: they go to
`HKLM\\Software\\Counterpart`, below what Group Policy forces. A setting that is not given is not written. What was
given is also kept as it was typed, in the key `Installer` below, and holds for later versions until it is given anew.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import get_args
from xml.sax.saxutils import escape, quoteattr

from app.session.policy.schema import Policy
from windows.payload import NAMESPACE

KEY = r"Software\Counterpart"
#: What the installer remembers for itself; nobody reads a policy there.
OWN_KEY = rf"{KEY}\Installer"

#: A setting whose property has a name of its own; each other is called as its value, in capitals.
_NAMES = {"gateway_address": "SERVERURL"}
#: It has only one value, so there is nothing to set.
_FIXED = frozenset({"telemetry"})

#: May hold a password, so the installer's log says only that it was given.
_UNLOGGED = frozenset({"Proxy"})

_SPACE = uuid.UUID("8f1e7b2c-6b0e-4c59-9a63-0a6b5c0e1d00")


@dataclass(frozen=True)
class Setting:
    """`prop`: SERVERURL; `value`: GatewayAddress; `number`: whether the registry has it as a DWORD."""

    prop: str
    value: str
    number: bool

    @property
    def given(self) -> str:
        """The condition that it has a value. Spelt out, since a property that is `0` may count as not there."""
        return f'{self.prop} <> ""'

    @property
    def logged(self) -> bool:
        """Whether the installer's log may have it."""
        return self.value not in _UNLOGGED

    @property
    def remembered(self) -> str:
        """The property that holds what an earlier version was given."""
        return f"WAS{self.prop}"

    @property
    def component(self) -> str:
        """The component that writes it; it is installed when its property has a value."""
        return f"Setting{self.value}"

    @property
    def guid(self) -> str:
        """The component's GUID: always the same for a setting."""
        return str(uuid.uuid5(_SPACE, self.value)).upper()


def settings() -> tuple[Setting, ...]:
    """All of them, in the order of the schema."""
    return tuple(
        Setting(
            _NAMES.get(name, (field.alias or name).upper()),
            field.alias or name,
            bool({bool, int} & {field.annotation, *get_args(field.annotation)}),
        )
        for name, field in Policy.model_fields.items()
        if name not in _FIXED
    )


def secure_properties() -> tuple[str, ...]:
    """What may travel from the user's half of an installation to the one that runs as the system."""
    own = [name for one in settings() for name in (one.prop, one.remembered)]
    return ("KEEPDATA", "NEWERFOUND", "OLDERFOUND", *own, "WINDOWSBUILD")


def hidden_properties() -> tuple[str, ...]:
    """What the installer's log does not have."""
    return tuple(name for one in settings() if not one.logged for name in (one.prop, one.remembered))


def includes() -> dict[str, str]:
    """The generated parts of the source, by file name."""
    return {
        "settings.wxi": _include(_properties()),
        "settings-components.wxi": _include([line for one in settings() for line in _component(one)]),
        "settings-refs.wxi": _include(
            [f"<ComponentRef Id={quoteattr(one.component)} />" for one in settings()]
        ),
    }


def _include(lines: list[str]) -> str:
    opened = f'<Include xmlns="{NAMESPACE}">'
    return "\n".join(['<?xml version="1.0" encoding="utf-8"?>', opened, *lines, "</Include>", ""])


def _properties() -> list[str]:
    lines: list[str] = []
    actions: list[str] = []
    for at, one in enumerate(settings()):
        hidden = "" if one.logged else ' Hidden="yes"'
        lines += [
            f'<Property Id="{one.prop}" Secure="yes"{hidden} />',
            f'<Property Id="{one.remembered}" Secure="yes"{hidden}>',
            f'<RegistrySearch Id="Find{one.value}" Root="HKLM" Key="{OWN_KEY}" Name="{one.prop}"',
            'Type="raw" Win64="yes" />',
            "</Property>",
            # Without Impersonate wixl takes the action for one that runs as the system.
            f'<CustomAction Id="Keep{one.value}" Property="{one.prop}" Value="[{one.remembered}]"',
            'Impersonate="yes" />',
        ]
        # Between AppSearch (50) and the launch conditions (100), so before components are chosen.
        condition = escape(f'{one.remembered} <> "" AND {one.prop} = ""')
        actions.append(f'<Custom Action="Keep{one.value}" Sequence="{51 + at}">{condition}</Custom>')
    for sequence in ("InstallExecuteSequence", "InstallUISequence"):
        lines += [f"<{sequence}>", *actions, f"</{sequence}>"]
    return lines


def _component(one: Setting) -> list[str]:
    kind = "integer" if one.number else "string"
    return [
        f'<Component Id="{one.component}" Guid="{one.guid}" Win64="yes">',
        "<?ifndef var.Wixl?>",
        f"<Condition>{escape(one.given)}</Condition>",
        "<?endif?>",
        f'<RegistryValue Id="{one.value}" Root="HKLM" Key="{KEY}" Name="{one.value}" Type="{kind}"',
        f'Value="[{one.prop}]" KeyPath="yes" />',
        f'<RegistryValue Id="{one.value}Kept" Root="HKLM" Key="{OWN_KEY}" Name="{one.prop}" Type="string"',
        f'Value="[{one.prop}]" />',
        "</Component>",
    ]
