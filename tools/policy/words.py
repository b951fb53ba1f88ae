"""What each setting is called and does, for those who set it: the templates' two languages, and the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Text:
    """The same in English and German."""

    en: str
    de: str

    def __getitem__(self, language: str) -> str:
        """Return it in a language: *en*, *de*."""
        return {"en": self.en, "de": self.de}[language]


@dataclass(frozen=True)
class Words:
    """One setting. `about`: what it does, in whole sentences. `example`: a value for the samples.

    `items`: what each choice is called.
    """

    title: Text
    about: Text
    example: Any
    items: Mapping[str, Text] = field(default_factory=dict)


PRODUCT = Text("Counterpart", "Counterpart")
SUPPORTED = Text("Counterpart 0.1 or later", "Counterpart ab 0.1")

#: What the samples call the vendor's gateway.
GATEWAY = "https://portal.vendor.example"

WORDS: Mapping[str, Words] = {
    "gateway_address": Words(
        Text("Gateway address", "Adresse des Gateways"),
        Text(
            "The gateway this computer signs in at. Forced, it is the only one that is offered, and unless "
            "further ones "
            "are allowed by name, the only one that is spoken to. Recommended, it stands in the field and can "
            "be changed.",
            "Das Gateway, an dem sich dieser Computer anmeldet. Erzwungen ist es das einzige, das angeboten "
            "wird, und "
            "das einzige, mit dem gesprochen wird, wenn nicht weitere namentlich erlaubt sind. Empfohlen steht es im "
            "Feld und kann geändert werden.",
        ),
        GATEWAY,
    ),
    "allowed_gateways": Words(
        Text("Allowed gateways", "Erlaubte Gateways"),
        Text(
            "The only gateways one may sign in at. Accounts of others that are on this computer stay closed; "
            "nothing of "
            "them is deleted. Empty: any.",
            "Die einzigen Gateways, an denen man sich anmelden darf. Konten anderer auf diesem Computer bleiben "
            "geschlossen; gelöscht wird nichts davon. Leer: jedes.",
        ),
        (GATEWAY,),
    ),
    "update_channel": Words(
        Text("Updates", "Aktualisierungen"),
        Text(
            "Which releases an installation of a single user takes by itself. One that IT installed (MSI, pkg, deb) "
            "takes none, whatever is set here.",
            "Welche Versionen eine Installation eines einzelnen Benutzers von selbst übernimmt. Eine von der IT "
            "installierte (MSI, pkg, deb) übernimmt keine, was immer hier steht.",
        ),
        "stable",
        {
            "none": Text("None", "Keine"),
            "stable": Text("Stable releases", "Stabile Versionen"),
            "beta": Text("Stable releases and betas", "Stabile Versionen und Vorabversionen"),
        },
    ),
    "update_address": Words(
        Text("Source of updates", "Quelle der Aktualisierungen"),
        Text(
            "Where releases are fetched, instead of where this one came from. Begins with https://. What is "
            "fetched must "
            "be signed as before.",
            "Woher neue Versionen geholt werden, statt von dort, woher diese kam. Beginnt mit https://. Was "
            "geholt wird, "
            "muss signiert sein wie zuvor.",
        ),
        "https://updates.corp.example/counterpart",
    ),
    "kiosk": Words(
        Text("Kiosk", "Kiosk"),
        Text(
            "A shared machine: one signs in by phone, the window fills the screen, and nothing of a user stays. The "
            "gateway has to allow device codes.",
            "Ein gemeinsam genutztes Gerät: Man meldet sich mit dem Telefon an, das Fenster füllt den "
            "Bildschirm, und "
            "nichts von einem Benutzer bleibt zurück. Das Gateway muss Gerätecodes erlauben.",
        ),
        True,
    ),
    "kiosk_place": Words(
        Text("Place of the kiosk", "Ort des Kiosks"),
        Text("Which screen this is; shown at the top.", "Welcher Bildschirm das ist; steht oben."),
        "Partner lounge, Rotterdam · screen 2",
    ),
    "kiosk_help": Words(
        Text("Help at the kiosk", "Hilfe am Kiosk"),
        Text(
            "What *Call for help* says, such as a telephone number. Empty: there is no such button.",
            "Was *Hilfe rufen* sagt, etwa eine Telefonnummer. Leer: es gibt keine solche Schaltfläche.",
        ),
        "Front desk: +31 10 555 0142",
    ),
    "kiosk_unlock_minutes": Words(
        Text("Unlocking by code (minutes)", "Entsperren mit Code (Minuten)"),
        Text(
            "How long after an idle lock the code of the same user opens the screen again. 0: one signs in anew each "
            "time.",
            "Wie lange nach einer Sperre der Code desselben Benutzers den Bildschirm wieder öffnet. 0: Man "
            "meldet sich "
            "jedes Mal neu an.",
        ),
        5,
    ),
    "idle_lock_seconds": Words(
        Text("Lock when idle (seconds)", "Sperren bei Untätigkeit (Sekunden)"),
        Text(
            "After so many seconds without a key, click or touch the screen of a kiosk is locked, and on other "
            "computers the account that is open; the last 20 seconds are counted down. While it is locked nothing is "
            "synced. An account with a passphrase asks for it; one whose key is in the key store of the system "
            "opens by a click, so "
            "there the screen lock of the computer is the guard. 0: after 120 on a kiosk, never elsewhere.",
            "Nach so vielen Sekunden ohne Taste, Klick oder Berührung wird der Bildschirm eines Kiosks gesperrt, "
            "auf anderen Computern das geöffnete Konto; die letzten 20 Sekunden werden heruntergezählt. Solange "
            "gesperrt ist, wird nichts abgeglichen. Ein Konto mit Passphrase fragt danach; eines, dessen Schlüssel "
            "im Schlüsselspeicher des Systems liegt, öffnet sich mit einem Klick, dort schützt also die "
            "Bildschirmsperre des Computers. 0: am Kiosk nach 120, sonst nie.",
        ),
        90,
    ),
    "offline_days": Words(
        Text("Days without the gateway", "Tage ohne Gateway"),
        Text(
            "After so many days without an answer from the gateway an account is locked, also while it is open. "
            "It opens "
            "again once the gateway was reached. Nothing is deleted. Setting the clock back does not help. 0: never.",
            "Nach so vielen Tagen ohne Antwort des Gateways wird ein Konto gesperrt, auch während es offen ist. "
            "Es öffnet "
            "sich wieder, sobald das Gateway erreicht wurde. Gelöscht wird nichts. Die Uhr zurückzustellen "
            "hilft nicht. "
            "0: nie.",
        ),
        14,
    ),
    "document_quota_mb": Words(
        Text("Limit for documents (MB)", "Grenze für Dokumente (MB)"),
        Text(
            "How much space copies of documents may take, for each account, in megabytes. The least recently used go "
            "first; what is kept or unsent stays. Not set, or 0: as the user chooses.",
            "Wie viel Platz Kopien von Dokumenten je Konto belegen dürfen, in Megabyte. Die am längsten nicht "
            "benutzten "
            "gehen zuerst; was behalten wird oder nicht gesendet ist, bleibt. Nicht gesetzt, oder 0: wie der "
            "Benutzer wählt.",
        ),
        2000,
    ),
    "proxy": Words(
        Text("Proxy", "Proxy"),
        Text(
            "`system`: as this computer is set. `none`: straight. Or an address such as "
            "http://proxy.corp.example:8080, with name and password before an @ if it needs them. An automatic "
            "configuration script (PAC) is not run.",
            "`system`: wie dieser Computer eingestellt ist. `none`: direkt. Oder eine Adresse wie "
            "http://proxy.corp.example:8080, mit Name und Kennwort vor einem @, wenn er sie braucht. Ein Skript zur "
            "automatischen Konfiguration (PAC) wird nicht ausgeführt.",
        ),
        "http://proxy.corp.example:8080",
    ),
    "telemetry": Words(
        Text("Reporting", "Berichte"),
        Text(
            "Nothing is reported to anybody. There is no other value; this is here so that an audit finds it set.",
            "Niemandem wird etwas berichtet. Einen anderen Wert gibt es nicht; er steht hier, damit eine Prüfung ihn "
            "gesetzt findet.",
        ),
        "off",
        {"off": Text("Off", "Aus")},
    ),
    "log_level": Words(
        Text("Log on this computer", "Protokoll auf diesem Computer"),
        Text(
            "How much is written to the log on this computer. It never holds what records say, nor secrets.",
            "Wie viel in das Protokoll auf diesem Computer geschrieben wird. Es enthält nie, was in Einträgen "
            "steht, und "
            "keine Geheimnisse.",
        ),
        "info",
        {
            "error": Text("Errors", "Fehler"),
            "warning": Text("Warnings and errors", "Warnungen und Fehler"),
            "info": Text("What happens", "Was geschieht"),
            "debug": Text("Everything", "Alles"),
        },
    ),
}
