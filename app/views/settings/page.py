"""Settings: how it looks, who is signed in, what it keeps on this computer, and what it is made of."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.bridge.speech import LanguageChoice
from app.bridge.tips import plain_tip
from app.contract.errors import CounterpartError
from app.contract.version import RELEASE
from app.services.format import Formats
from app.services.prefs import GATEWAY, KEY_HOLDER, LANGUAGE, THEME
from app.services.views_model import Mode, Storage
from app.views.page import SYNC_CENTRE, Head, Page, PageContext, Place, Toast
from app.views.settings.desktop import DesktopSection
from app.views.settings.devices import DevicesSection
from app.views.settings.leaving import SignOutDialog
from app.views.settings.licences import LicenceWindow, bundled
from app.views.settings.organisation import OrganisationSection
from app.views.settings.section import Line, Section
from app.views.settings.updates import UpdatesSection
from app.views.sync_centre.export import write_text
from app.views.theme.assets import asset_path
from app.views.theme.theme import SchemeChoice
from app.views.theme.tokens import Space, Tone
from app.views.ways_out import AskTarget, allowed, ask_target
from app.views.welcome.protection import protection_words
from app.views.widgets.buttons import link, secondary
from app.views.widgets.choice_controls import ChoiceControl, Option, SegmentedControl
from app.views.widgets.columns import Columns
from app.views.widgets.key_value import Fact, KeyValueList
from app.views.widgets.layout import column, holding
from app.views.widgets.own_tasks import OwnTasks
from app.views.widgets.scroll import scrolled
from app.views.widgets.tiles import Icon

_WIDTH = 960

_MB = 1_000_000
_LIMITS = (100 * _MB, 250 * _MB, 500 * _MB, 1_000 * _MB, 2_000 * _MB, 5_000 * _MB)
_NO_LIMIT = "none"


def limits(formats: Formats, now: int | None = None) -> list[Option]:
    """The limits one can choose from, smallest first, and none at all at the end; `now`: the one that holds."""
    none = QCoreApplication.translate("SettingsPage", "No limit")
    known = sorted({*_LIMITS, *([] if now is None else [now])})
    return [*(Option(_key(limit), formats.size(limit)) for limit in known), Option(_NO_LIMIT, none)]


def _key(limit: int | None) -> str:
    return _NO_LIMIT if limit is None else str(limit)


class SettingsPage(Page):
    """Everything here does what it says at once; there is nothing to save."""

    """The user has been asked and wants to leave for good."""

    def __init__(
        self, context: PageContext, parent: QWidget | None = None, *, ask: AskTarget = ask_target
    ) -> None:
        super().__init__(context, parent)
        self._ask = ask
        self._tasks = OwnTasks(self, context.bridge)
        self.look = SegmentedControl(
            self.theme,
            [
                Option(SchemeChoice.SYSTEM.value, self.tr("System")),
                Option(SchemeChoice.LIGHT.value, self.tr("Light")),
                Option(SchemeChoice.DARK.value, self.tr("Dark")),
                Option(SchemeChoice.CONTRAST.value, self.tr("Contrast")),
            ],
        )
        _give_room(self.look)
        self.look.name_as(
            self.tr("Appearance"), self.tr("Light, dark, high contrast, or as the system is set.")
        )
        self.look.edited.connect(self._choose_look)
        self.language = SegmentedControl(
            self.theme,
            [
                Option(LanguageChoice.SYSTEM.value, self.tr("System")),
                # Each language is named in itself, so that whoever speaks it finds it.
                Option(LanguageChoice.ENGLISH.value, "English"),
                Option(LanguageChoice.GERMAN.value, "Deutsch"),
            ],
        )
        _give_room(self.language)
        self.language.name_as(self.tr("Language"), self.tr("Dates, amounts and figures follow it."))
        self.language.edited.connect(self._choose_language)
        self.facts = KeyValueList(self.theme, label_width=120)
        self.leave = secondary(self.theme, self.tr("Sign out"), "logout", small=True)
        self.leave.clicked.connect(self.ask_to_leave)
        self.keep = secondary(self.theme, self.tr("Keep these"), "pin", small=True)
        self.keep.clicked.connect(self._keep_recommended)
        self.clear = secondary(self.theme, self.tr("Clear space"), small=True)
        self.clear.clicked.connect(self._clear_space)
        self.limit = ChoiceControl(self.theme, limits(self.portal.formats), may_be_empty=False)
        self.limit.setFixedWidth(120)
        self.limit.combo.setAccessibleName(self.tr("Limit for documents"))
        self.limit.edited.connect(self._choose_limit)
        self.check = secondary(self.theme, self.tr("Check"), small=True)
        self.check.set_tip(self.tr("Check this computer"))
        self.check.setAccessibleName(self.tr("Check this computer"))
        self.check.clicked.connect(self._check)
        self.desktop = DesktopSection(context)
        self.organisation = OrganisationSection(context)
        self.devices = DevicesSection(context)
        self.devices.said.connect(self.said)
        self.updates = UpdatesSection(context)
        self.licences = secondary(self.theme, self.tr("Licences"), small=True)
        self.licences.clicked.connect(self._show_licences)
        self._build()

    def _build(self) -> None:
        self._protection = Line(self.theme, self.tr("Protection"), "")
        self._kept = Line(self.theme, self.tr("Documents offline"), "", self.keep)
        self._room = Line(self.theme, self.tr("Storage"), "", self.clear)
        self.limit_lock = Icon(self.theme, "lock", Tone.TEXT3, 14, self.tr("Set by your organisation"))
        self._limit = Line(self.theme, self.tr("Limit for documents"), "", self.limit_lock, self.limit)
        history = link(self.theme, self.tr("Open the sync centre"))
        history.clicked.connect(lambda: self.go.emit(Place(SYNC_CENTRE)))
        self._unsent = Line(self.theme, self.tr("Not sent yet"), "", history)
        looks = self.tr("Looks at network, certificate, clock, key store, disk and stores.")
        check = Line(self.theme, self.tr("When something does not work"), looks, self.check)
        leave = self.tr("Ends the session and deletes everything of this account from this computer.")
        made_of = self.tr("Qt for Python under the LGPL, the Inter typeface, Tabler icons and others.")
        colours = Line(self.theme, self.tr("Colours"), self.tr("Followed at once."), self.look)
        speech = Line(
            self.theme, self.tr("Language"), self.tr("Dates, amounts and figures follow it."), self.language
        )
        speech.setVisible(self.context.speech is not None)
        # On a shared screen one signs out by its bar, and looks after one's devices on one's own computer.
        shows_account = allowed().accounts
        nothing_reported = self.tr("Off, and it cannot be turned on: nothing is reported to anybody.")
        account = holding(column(self.facts, margins=(Space.L, 14, Space.L, 14)))
        release = self.tr("Counterpart {version}").format(version=RELEASE)
        left = (
            Section(
                self.theme, self.tr("Appearance"), *((colours,) if speech.isHidden() else (colours, speech))
            ),
            Section(
                self.theme,
                self.tr("Account"),
                account,
                *((Line(self.theme, self.tr("Sign out"), leave, self.leave),) if shows_account else ()),
            ),
            *((self.devices,) if shows_account else ()),
            self.organisation,
        )
        right = (
            Section(
                self.theme,
                self.tr("This computer"),
                self._protection,
                self._unsent,
                self._kept,
                self._room,
                self._limit,
                check,
            ),
            self.desktop,
            self.updates,
            Section(
                self.theme,
                self.tr("About"),
                Line(self.theme, release, made_of, self.licences),
                Line(self.theme, self.tr("Reporting"), nothing_reported),
            ),
        )
        halves = [holding(column(*parts, None, gap=22)) for parts in (left, right)]
        for half in halves:
            half.setMaximumWidth(_WIDTH)
        content = Columns(*halves, gap=22, margins=(Space.PAGE, 22, Space.PAGE, Space.PAGE))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(content, self.tr("Settings")))

    # page

    def head(self) -> Head:
        return Head(self.tr("Settings"))

    def panes(self) -> tuple[QWidget, ...]:
        leave = (self.leave,) if allowed().accounts else ()
        return (self.look, *((self.language,) if self.context.speech else ()), *leave)

    def refresh(self) -> None:
        self.look.set_value(self.theme.choice.value)
        if self.context.speech is not None:
            self.language.set_value(self.context.speech.choice.value)
        self.facts.set_facts(self._facts())
        self._protection.say(protection_words(str(self.portal.prefs.get(KEY_HOLDER, ""))))
        self._show_unsent()
        self._show_room()
        self.desktop.refresh()
        self.updates.refresh()
        if allowed().accounts:
            self.devices.refresh()

    def _facts(self) -> list[Fact]:
        me = self.portal.me
        companies = ", ".join(company.name for company in me.companies)
        session = self.tr("Ended; sign in again from the banner")
        if self.bridge.status.mode is not Mode.SIGN_IN:
            session = self.tr("Signed in")
        facts = [
            Fact(self.tr("Name"), me.name, mark=True),
            Fact(self.tr("E-mail"), me.email),
            Fact(self.tr("Role"), me.role_label),
            Fact(self.tr("Company"), companies),
            Fact(self.tr("Vendor"), me.vendor),
            Fact(self.tr("Gateway"), str(self.portal.prefs.get(GATEWAY, ""))),
            Fact(self.tr("Device"), me.device),
            Fact(self.tr("Session"), session),
        ]
        return [fact for fact in facts if fact.value]

    def _show_unsent(self) -> None:
        changes = self.portal.outbox.count()
        drafts = len(self.portal.outbox.unfinished_drafts())
        tr = self.portal.formats.tr
        counted = [tr.plural(changes, "%n change", "%n changes") if changes else ""]
        counted.append(tr.plural(drafts, "%n draft", "%n drafts") if drafts else "")
        said = tr.listed(part for part in counted if part)
        nothing = self.tr("Everything has reached {vendor}.").format(vendor=self.portal.vendor)
        self._unsent.say(said or nothing)

    def _show_room(self) -> None:
        formats = self.portal.formats
        storage = self.portal.documents.storage()
        words = self.tr(
            "{used} in all: documents {documents}, records {records}, unsent {unsent}. {free} free on disk."
        )
        self._room.say(
            words.format(
                used=formats.size(storage.used),
                documents=formats.size(storage.documents),
                records=formats.size(storage.records),
                unsent=formats.size(storage.unsent),
                free=formats.size(storage.free),
            )
        )
        if storage.documents:
            self.clear.enable()
        else:
            self.clear.disable(self.tr("No document takes room here."))
        self._show_limit(storage)
        self._show_kept()

    def _show_limit(self, storage: Storage) -> None:
        formats = self.portal.formats
        self.limit.set_options(limits(formats, storage.limit))
        self.limit.set_value(_key(storage.limit))
        self._lock_limit()
        stays = self.tr("The least recently used go first; what is kept or unsent stays.")
        if storage.limit is None:
            self._limit.say(stays)
            return
        used = self.tr("{used} of {limit} used.")
        if storage.documents > storage.limit:
            used = self.tr("{used} used, over {limit}: what is kept alone takes more.")
        said = used.format(used=formats.size(storage.documents), limit=formats.size(storage.limit))
        self._limit.say(f"{said} {stays}")

    def _lock_limit(self) -> None:
        """A limit that is forced is shown and not chosen."""
        forced = self.portal.documents.limit_is_forced
        name, reason = self.tr("Limit for documents"), self.tr("Set by your organisation")
        self.limit_lock.setVisible(forced)
        self.limit.set_locked(forced)
        self.limit.setToolTip(plain_tip(reason if forced else ""))
        self.limit.name_as(name, reason if forced else "")

    def _show_kept(self) -> None:
        gids, size = self.portal.documents.recommended()
        states = self.portal.documents.states(gids)
        missing = [gid for gid in gids if gid not in states or not states[gid].kept]
        if not gids:
            self._kept.say(self.tr("No price list, data sheet or agreement is shared with you yet."))
            self.keep.disable(self.tr("There is nothing to keep yet."))
        elif not missing:
            self._kept.say(self.tr("Every current price list, data sheet and agreement is kept."))
            self.keep.disable(self.tr("They are kept already."))
        else:
            words = self.tr("Price lists, data sheets and agreements: {count} files, {size}.")
            self._kept.say(words.format(count=len(gids), size=self.portal.formats.size(size)))
            self.keep.enable()

    # acting

    def _choose_look(self) -> None:
        choice = SchemeChoice(str(self.look.value()))
        self.theme.choose(choice)
        self.portal.prefs.set(THEME, choice.value)

    def _choose_language(self) -> None:
        choice = LanguageChoice(str(self.language.value()))
        self.portal.prefs.set(LANGUAGE, choice.value)
        if self.context.speech is not None:
            self.context.speech.choose(choice)

    def _keep_recommended(self) -> None:
        gids, _size = self.portal.documents.recommended()
        try:
            self.portal.documents.keep_many(gids)
        except CounterpartError as problem:
            self.said.emit(Toast(self.portal.formats.tr.told(problem)))
            return
        self._show_room()
        now, later = self.tr("They are pulled now"), self.tr("They are pulled when you are back")
        self.said.emit(Toast(now if self.bridge.online else later))

    def _choose_limit(self) -> None:
        key = self.limit.value() or _NO_LIMIT
        limit = None if key == _NO_LIMIT else int(key)
        freed = self.portal.documents.set_limit(limit)
        self._show_room()
        words = self.tr("Documents take what they need")
        if limit is not None:
            words = self.tr("Documents take {size} at most").format(size=self.portal.formats.size(limit))
        if freed:
            words = self.tr("{words}; {size} freed").format(words=words, size=self.portal.formats.size(freed))
        self.said.emit(Toast(words))

    def _clear_space(self) -> None:
        freed = self.portal.documents.clear_space()
        self._show_room()
        if freed:
            words = self.tr("{size} freed. What is kept or unsent stays.")
            self.said.emit(Toast(words.format(size=self.portal.formats.size(freed))))
        else:
            self.said.emit(Toast(self.tr("Nothing to clear: every copy here is kept or unsent.")))

    def _show_licences(self) -> None:
        window = LicenceWindow(self.theme, bundled(asset_path("licences")), self.window())
        window.finished.connect(window.deleteLater)
        window.open()

    def _check(self) -> None:
        from app.views.doctor.check_window import CheckWindow  # noqa: PLC0415  # with all that it may show

        window = CheckWindow(self.theme, self.bridge.checkup, self.portal.formats.tr, self.window())
        window.finished.connect(window.deleteLater)
        window.open()

    # leaving

    def ask_to_leave(self) -> None:
        """Say what signing out deletes, and ask once."""
        dialog = SignOutDialog(self.theme, self.window(), self.portal)
        dialog.export.clicked.connect(self._export)
        dialog.accepted.connect(self.sign_out_requested)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _export(self) -> None:
        target = self._ask(self, "counterpart-outbox.json") if allowed().files else None
        if target is not None:
            text = self.portal.outbox.export_all()
            self._tasks.run(lambda _portal: write_text(target, text), self._exported, self._not_exported)

    def _exported(self, path: Path) -> None:
        words = self.tr("Exported as {name} in {folder}. The file is not encrypted.")
        self.said.emit(Toast(words.format(name=path.name, folder=path.parent.name or path.parent)))

    def _not_exported(self, problem: CounterpartError) -> None:
        self.said.emit(Toast(self.portal.formats.tr.told(problem)))


def _give_room(control: QWidget) -> None:
    """Both choices are as wide as one another, and wider where a language needs it."""
    control.setMinimumWidth(280)
    control.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
