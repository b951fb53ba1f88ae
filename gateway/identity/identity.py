"""Everything about who may call: accounts, sign-in, sessions, devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from app.contract.colleagues import Colleague, Invited, NewColleague, Wiped
from gateway.ground import Ground
from gateway.identity.codes import Codes
from gateway.identity.colleagues import ColleagueKeeping, not_allowed
from gateway.identity.device_codes import DeviceCodes
from gateway.identity.devices import DeviceKeeping
from gateway.identity.handover import Handover
from gateway.identity.invitations import Invitations, Link, drop
from gateway.identity.kiosks import Kiosks
from gateway.identity.newcomers import Newcomers
from gateway.identity.oidc import Issuer
from gateway.identity.options import Options
from gateway.identity.passwords import Passwords
from gateway.identity.people import NewUser, People
from gateway.identity.protocol import OAuthServer, Said
from gateway.identity.seals import Seals
from gateway.identity.session import Session
from gateway.identity.sessions import InvalidGrant, Refused, Sessions, Tokens, session_of
from gateway.identity.sign_in import SignIn
from gateway.identity.witness import Witness
from gateway.problems import not_found


def user_tag(user: str) -> str:
    """Return the tag under which a user is told that what they may see has changed."""
    return f"user:{user}"


class Identity:
    """Accounts, sign-in, sessions and devices, with the pokes a change of grant calls for.

    `by`: the account of whoever does it; empty for somebody at the gateway's own command line or console.
    """

    def __init__(
        self,
        ground: Ground,
        secret: bytes,
        passwords: Passwords,
        options: Options,
        witness: Witness,
    ) -> None:
        database, clock, ids, random, limits = (
            ground.database,
            ground.clock,
            ground.ids,
            ground.random,
            ground.limits,
        )
        manifest = ground.grants.views.manifest
        self._database = database
        self._feed = ground.feed
        self.options = options
        self.people = People(database, manifest, passwords, clock, ids, witness)
        self.sessions = Sessions(database, secret, clock, ids, random, limits, witness)
        self.codes = Codes(self.sessions, clock, random, limits)
        self.device_codes = DeviceCodes(self.sessions, clock, ids, random, limits)
        self.sign_in = SignIn(database, self.codes, passwords, secret, clock, ids, limits, witness)
        self.invitations = Invitations(database, self.sessions, passwords, clock, random, limits, witness)
        self.devices = DeviceKeeping(database, self.sessions, clock, random, witness)
        self.handover = (
            Handover(database, Issuer(options.oidc, clock), secret, clock, random, limits, witness)
            if options.oidc
            else None
        )
        self.seals = Seals(secret, options)
        self.kiosks = Kiosks(database, self.device_codes, secret, clock, limits)
        self._newcomers = Newcomers(database, manifest, ground.systems)
        self.colleagues = ColleagueKeeping(database, manifest, self.people, self.invitations, self.sessions)

    # ------------------------------------------------------------------------------------------------- the protocol

    def token(self, form: Mapping[str, str]) -> Said:
        """Answer a call for tokens."""
        with self._database.write() as connection:
            return self._server(connection).token(form)

    def revoke_token(self, form: Mapping[str, str]) -> Said:
        """Answer a call that ends a session: by one of its tokens, or by a kiosk's farewell.

        It is never held up, so what ends nothing keeps nobody's write waiting.
        """
        with self._database.read() as connection:
            ended = self.seals.session_of(form.get("token", ""))
            if not ended and not session_of(connection, form.get("token", "")):
                return self._server(connection).revoke(form)
        if ended:
            self.sessions.end(ended, "signed out")
            return Said(200, {})
        with self._database.write() as connection:
            return self._server(connection).revoke(form)

    def authorize_device(self, form: Mapping[str, str], verification_uri: str, address: str = "") -> Said:
        """Answer a kiosk that asks to be let in. Raises Problem 404 where kiosks are not, 429."""
        if not self.options.device_code:
            raise not_found()
        self.sign_in.counted_from(address)
        with self._database.write() as connection:
            return self._server(connection, verification_uri).device_authorization(form)

    def _server(self, connection: Connection, verification_uri: str = "") -> OAuthServer:
        kiosks = self.device_codes if self.options.device_code else None
        return OAuthServer(connection, self.sessions, self.codes, kiosks, verification_uri)

    def exchange(self, code: str, verifier: str, redirect_uri: str, client_id: str) -> Tokens:
        """Turn a code into tokens. Raises InvalidGrant."""
        form = {
            "grant_type": "authorization_code",
            "client_id": client_id,
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": redirect_uri,
        }
        said = self.token(form)
        if said.status != 200:
            raise InvalidGrant(Refused(said.body.get("error_description", ""), said.body.get("wipe", "")))
        return Tokens(said.body["access_token"], said.body["refresh_token"], said.body["expires_in"])

    # ------------------------------------------------------------------------------------------------- accounts

    def add_user(self, new: NewUser) -> str:
        """Add a user with a password or none; returns their id."""
        return self.people.add(new)

    def invite(self, new: NewUser, by: str = "") -> Link:
        """Add a user and make the link with which they set their password. Raises Problem 409, 422, 503."""
        new = replace(new, contacts=self._newcomers.contacts(new))
        with self._database.write() as connection:
            user = self.people.add_in(connection, new, by=by)
            return self.invitations.make(connection, user, by)

    def new_link(self, user: str, by: str = "") -> Link:
        """Make another link for an open account. The one before is not good any more. Raises Problem 404."""
        found = self.people.get(user)
        if found is None or not found.active:
            raise not_found()
        with self._database.write() as connection:
            return self.invitations.make(connection, user, by)

    def set_role(self, user: str, role: str) -> None:
        """Give a user another role."""
        self.people.set_role(user, role)
        self._poke(user)

    def set_companies(self, user: str, companies: Sequence[str]) -> None:
        """Say anew for which companies a user acts."""
        self.people.set_companies(user, companies)
        self._poke(user)

    def deactivate(self, user: str, *, wipe: bool = False, by: str = "") -> int:
        """Close an account and end its sessions; returns how many there were. `wipe`: all its devices as well."""
        with self._database.write() as connection:
            self.people.set_active_in(connection, user, False, by=by)
            drop(connection, user)
            open_ones = self.sessions.count_open(connection, user)
            if wipe:
                self.devices.wipe_all(connection, user, by)
            self.sessions.end_user(connection, user, "the account was closed")
        self._poke(user)
        return open_ones

    def reactivate(self, user: str) -> None:
        """Open a closed account again. Its sessions stay ended, and orders to wipe stand."""
        self.people.set_active(user, True)
        self._poke(user)

    # ------------------------------------------------------------------------------------------------- colleagues

    def invite_colleague(self, session: Session, new: NewColleague, base: str) -> Invited:
        """Add a colleague of the caller's. Raises Problem 401, 403, 409, 422, 503."""
        contacts = self._newcomers.contacts(self.colleagues.wish(session, new))
        return self.colleagues.invite(session, new, base, contacts)

    def set_colleague_role(self, session: Session, user: str, role: str) -> Colleague:
        """Give a colleague another role. Raises Problem 401, 403, 404, 409, 422."""
        changed = self.colleagues.set_role(session, user, role)
        self._poke(user)
        return changed

    def remove_colleague(self, session: Session, user: str) -> None:
        """Take the caller's companies away from a colleague. Raises Problem 401, 403, 404, 409."""
        self.colleagues.remove(session, user)
        self._poke(user)

    # ------------------------------------------------------------------------------------- sessions and devices

    def session_for(self, user: str, device_name: str, device_id: str = "") -> Session:
        """Start a session without a sign-in."""
        return self.sessions.session_for(user, device_name, device_id)

    def authenticate(self, access_token: str) -> Session:
        """Return the session of an access token. Raises Problem 401."""
        return self.sessions.authenticate(access_token)

    def revoke_device(self, user: str, device_id: str, *, wipe: bool = False, by: str = "") -> int:
        """End the sessions of one device; returns how many there were. `wipe`: it is to destroy what it holds.

        Raises Problem 404 when the user has no such device.
        """
        with self._database.write() as connection:
            ended = self.devices.revoke(connection, user, device_id, wipe=wipe, by=by)
        self._poke(user)
        return ended

    def revoke_own_device(self, session: Session, device_id: str, *, wipe: bool) -> None:
        """End the sessions of one of the caller's devices. Raises Problem 401, 403 at a kiosk, 404."""
        if session.kiosk and device_id != session.device:
            raise not_allowed("Not on a shared device. Sign in on your own.")
        self.revoke_device(session.user, device_id, wipe=wipe, by=session.user)

    def wiped(self, receipt: Wiped) -> None:
        """Keep a device's word that it destroyed what it held. Raises Problem 404 for an order nobody gave."""
        self.devices.wiped(receipt)

    def _poke(self, user: str) -> None:
        self._feed.tell(frozenset({user_tag(user)}))
