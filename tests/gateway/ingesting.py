"""What the tests of ingest have in common."""

from __future__ import annotations

from tests.gateway.world import Mirror, World


def deals(world: World) -> set[str]:
    """The deals the first company's administrator sees."""
    return Mirror(world, world.admin).snapshot().of("deal_registration")


def sweep_all(world: World) -> None:
    """Let every object's sweep come round."""
    world.clock.forward(3600)
    for _ in range(8):
        world.gateway.ingest_step()


def revoked_from(client: Mirror, *gids: str) -> bool:
    """Whether a client is told that it may not see these records any more."""
    return {(gid, "revoked", None) for gid in gids} <= {*client.pull().gone}
