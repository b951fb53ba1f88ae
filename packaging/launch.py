"""Where the frozen app starts."""

from app.composition.loading import load_quickly

load_quickly()

from app.session.updates.handing_over import hand_over  # noqa: E402

# Before anything else is imported: another release may be the one that is to run.
hand_over()

from app.__main__ import main  # noqa: E402

main()
