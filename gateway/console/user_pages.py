"""Users and devices in the console: invite, change, close, sign out, wipe."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin.flash import flash
from starlette_admin.routing import route

from gateway.console import forms
from gateway.console.pages import OfficePage, must_be_sure, page_number, words_of
from gateway.console.people import Handed
from gateway.crm.embedded.staff import StaffMember
from gateway.identity.people import NewUser
from gateway.problems import Problem


class UsersPage(OfficePage):
    """Who may sign in to the portal."""

    area = "users"
    path = "/users"
    label = "Users"
    symbol = "fa-solid fa-users"

    @route("", name="users")
    async def index(self, request: Request) -> Response:
        """List users."""
        return await self._list(request)

    async def _list(self, request: Request, status: int = 200, **given: object) -> Response:
        asked = request.query_params
        text, company, state = asked.get("q", ""), asked.get("company", ""), asked.get("state", "")
        page = page_number(request)
        found = await self.look(self.office.people.users, text, company, state, page)
        answer = self.show(
            request,
            "office/users.html",
            found=found,
            page=page,
            text=text,
            company=company,
            state=state,
            roles=self.office.people.roles(),
            companies=await self.look(self.office.people.companies),
            contacts=await self.look(self.office.contacts),
            given=given,
        )
        answer.status_code = status
        return answer

    @route("/invite", methods=["POST"], name="user-invite")
    async def invite(self, request: Request) -> Response:
        """Add a user, and show what is handed to them: this once."""
        data, base = await request.form(), _base(request)
        name, email, role, contact = (
            forms.entered(data, part) for part in ("name", "email", "role", "contact")
        )
        companies = [str(item) for item in data.getlist("companies")]

        def work() -> Handed:
            wrong = {
                "name": "" if name else "Give a name.",
                "email": "" if "@" in email else "Give an address.",
            }
            wrong = {part: words for part, words in wrong.items() if words}
            if wrong:
                raise Problem(422, "unacceptable", " ".join(wrong.values()))
            contacts = self.office.contact(contact) if contact else ()
            new = NewUser(name, email, role, tuple(companies), contacts=contacts)
            return self.office.people.invite(new, base)

        given = {"name": name, "email": email, "role": role, "chosen": companies, "contact": contact}
        return await self._handed(request, work, **given)

    @route("/{user}/link", methods=["POST"], name="user-link")
    async def new_link(self, request: Request) -> Response:
        """Hand out another way in."""
        user, base = request.path_params["user"], _base(request)
        return await self._handed(request, lambda: self.office.people.new_link(user, base))

    async def _handed(self, request: Request, work: Callable[[], Handed], **given: object) -> Response:
        """Show what is handed out in the answer itself: it is kept nowhere, and a second look does not show it."""
        handed = await self.look(_told, work)
        if isinstance(handed, Problem):
            flash(request, words_of(handed), "error")
            return await self._list(request, handed.status, **given)
        onward = str(request.url_for("console:users"))
        return self.show(
            request, "office/handed.html", handed=handed, heading="Hand this over", onward=onward
        )

    @route("/{user}", name="user")
    async def one(self, request: Request) -> Response:
        """Show one user with their devices."""
        people, user = self.office.people, request.path_params["user"]
        found = await self.look(people.user, user)
        return self.show(
            request,
            "office/user.html",
            user=found,
            heading=found.name,
            contacts=await self.look(self.office.by_name, found.contacts),
            roles=people.roles(),
            companies=await self.look(people.companies),
            devices=await self.look(people.devices, user),
        )

    @route("/{user}/role", methods=["POST"], name="user-role")
    async def set_role(self, request: Request) -> Response:
        """Give another role."""

        def work(data: FormData, _member: StaffMember) -> str:
            self.office.people.set_role(request.path_params["user"], forms.entered(data, "role"))
            return "The role was changed. It holds from their next call on."

        return await self._on_user(request, work)

    @route("/{user}/companies", methods=["POST"], name="user-companies")
    async def set_companies(self, request: Request) -> Response:
        """Say anew for which companies they act."""

        def work(data: FormData, _member: StaffMember) -> str:
            chosen = [str(item) for item in data.getlist("companies")]
            self.office.people.set_companies(request.path_params["user"], chosen)
            return "The companies were changed. What they see changes at once."

        return await self._on_user(request, work)

    @route("/{user}/close", methods=["POST"], name="user-close")
    async def close(self, request: Request) -> Response:
        """Close the account."""

        def work(data: FormData, _member: StaffMember) -> str:
            must_be_sure(data)
            ended = self.office.people.close(request.path_params["user"], wipe=data.get("wipe") is not None)
            return f"The account is closed. {_sessions(ended)} ended."

        return await self._on_user(request, work)

    @route("/{user}/reopen", methods=["POST"], name="user-reopen")
    async def reopen(self, request: Request) -> Response:
        """Open a closed account again."""

        def work(_data: FormData, _member: StaffMember) -> str:
            self.office.people.reopen(request.path_params["user"])
            return "The account is open again. They sign in anew."

        return await self._on_user(request, work)

    async def _on_user(self, request: Request, work: Callable[[FormData, StaffMember], str]) -> Response:
        back = str(request.url_for("console:user", user=request.path_params["user"]))
        return await self.carry_out(request, back, work)


class DevicesPage(OfficePage):
    """The computers on which the portal is signed in."""

    area = "devices"
    path = "/devices"
    label = "Devices"
    symbol = "fa-solid fa-laptop"

    @route("", name="devices")
    async def index(self, request: Request) -> Response:
        """List devices."""
        text, page = request.query_params.get("q", ""), page_number(request)
        found = await self.look(self.office.people.devices, "", text, page)
        return self.show(request, "office/devices.html", found=found, page=page, text=text)

    @route("/sign-out", methods=["POST"], name="device-sign-out")
    async def sign_out(self, request: Request) -> Response:
        """End a device's sessions."""

        def work(data: FormData, _member: StaffMember) -> str:
            ended = self.office.people.sign_out(forms.entered(data, "user"), forms.entered(data, "device"))
            return f"Signed out. {_sessions(ended)} ended."

        return await self.carry_out(request, await self._back(request), work)

    @route("/wipe", methods=["POST"], name="device-wipe")
    async def wipe(self, request: Request) -> Response:
        """Sign a device out and order it to destroy what it holds."""

        def work(data: FormData, _member: StaffMember) -> str:
            must_be_sure(data)
            user, device = forms.entered(data, "user"), forms.entered(data, "device")
            self.office.people.wipe(user, device)
            return "The device was told to destroy what it holds. Its receipt is shown here once it has."

        return await self.carry_out(request, await self._back(request), work)

    async def _back(self, request: Request) -> str:
        """Return the page the form stood on: that of its user, or the list."""
        data = await request.form()
        if data.get("from") == "user":
            return str(request.url_for("console:user", user=forms.entered(data, "user")))
        return str(request.url_for("console:devices"))


def _base(request: Request) -> str:
    """Return the address under which the gateway itself was called."""
    return f"{request.url.scheme}://{request.url.netloc}"


def _told(work: Callable[[], Handed]) -> Handed | Problem:
    try:
        return work()
    except Problem as problem:
        if problem.status == 404:
            raise
        return problem


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count} sessions"
