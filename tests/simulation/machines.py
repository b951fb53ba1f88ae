"""What happens to the network, to processes, clocks and disks."""

from __future__ import annotations

from datetime import timedelta

from app.contract.errors import LocalError
from gateway.failpoints import Failpoint
from tests.simulation.device import Device
from tests.simulation.network import Fault
from tests.simulation.stage import Stage, verb


class Machines(Stage):
    """Verbs nobody means."""

    @verb(9)
    def fault(self) -> str:
        fault = self.rng.choice(list(Fault))
        self.world.network.faults.append(fault)
        return f"fault: {fault}"

    @verb(1)
    def outage(self) -> str:
        self.world.network.down = not self.world.network.down
        return "network down" if self.world.network.down else "network up"

    @verb(2)
    def toggle_offline(self) -> str:
        device = self.rng.choice(self.world.devices)
        offline = device.engine.status.by_choice
        device.doing(lambda: self._switch(device, offline=not offline))
        return f"{'online' if offline else 'offline'} {device.name}"

    def _switch(self, device: Device, *, offline: bool) -> None:
        try:
            device.engine.set_offline(offline)
        except LocalError:
            self.world.count["not saved: no room"] += 1

    @verb(1)
    def sign_in(self) -> str:
        device = self.rng.choice(self.world.devices)
        if not device.doing(device.sign_in):
            self.oracle.after_a_crash(device)
        return f"sign in {device.name}"

    @verb(2)
    def late(self) -> str | None:
        return "late delivery" if self.world.network.deliver_late() else None

    @verb(2)
    def client_crash(self) -> str:
        device = self.rng.choice(self.world.devices)
        device.crash()
        self.oracle.after_a_crash(device)
        return f"crash {device.name}"

    @verb(4)
    def client_fuse(self) -> str:
        """The next thing this device does ends its process at some statement."""
        device = self.rng.choice(self.world.devices)
        device.fuse.left = int(self.rng.expovariate(1 / 60))
        if not device.sync():
            self.oracle.after_a_crash(device)
        return f"{device.name} dies at a statement"

    @verb(1)
    def clock_jump(self) -> str:
        days = self.rng.choice((-3.0, -0.1, 0.1, 3.0))
        if self.rng.random() < 0.3:
            self.world.clock.off_by = timedelta(minutes=20 * days)
            return f"gateway's clock {20 * days:+.0f} min"
        device = self.rng.choice(self.world.devices)
        device.clock.off_by = timedelta(days=days)
        return f"clock of {device.name} {days:+} days"

    @verb(1)
    def upgrade(self) -> str | None:
        device = self.rng.choice(self.world.devices)
        if device.full or not device.queued_by_an_older_release():
            return None
        self.oracle.after_a_crash(device)
        return f"{device.name} is upgraded with work in its outbox"

    @verb(1)
    def disk_full(self) -> str:
        device = self.rng.choice(self.world.devices)
        device.free() if device.full else device.fill()
        return f"disk of {device.name} {'full' if device.full else 'has room'}"

    @verb(2)
    def gateway_failpoint(self) -> str:
        point = self.rng.choice(list(Failpoint))
        self.world.crash_gateway_at(point)
        return f"gateway dies {point}"

    @verb(2)
    def gateway_fuse(self) -> str:
        self.world.crash_gateway_in(int(self.rng.expovariate(1 / 40)))
        return "gateway dies at a statement"

    @verb(1)
    def gateway_restart(self) -> str:
        self.world.restart_gateway()
        return "gateway restarts"

    @verb(1)
    def back_up(self) -> str:
        self.world.back_up()
        return "backup"

    @verb(1)
    def restore(self) -> str | None:
        if self.world.backup is None:
            return None
        self.world.restore()
        self.oracle.unsure = True
        return "gateway restored from its backup"

    @verb(2)
    def positions_lost(self) -> str:
        """What a device holds may go meanwhile: only reading everything afresh tells it so."""
        goes = self.rng.choice(("archive", "move_away", "grant", ""))
        told = self.play(goes, f"{self.rng.random()} goes") if goes else None
        self.world.full_pass()
        self.world.lose_positions()
        return f"{told or 'nothing'}, and the gateway knows no position any more"

    @verb(6)
    def time(self) -> str:
        self.world.tick(self.rng.choice((0.5, 2.0, 30.0, 3600.0)))
        self.world.full_pass()
        return "time"

    @verb(4)
    def gateway_round(self) -> str:
        self.world.full_pass()
        return "gateway's round"
