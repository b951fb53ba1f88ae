"""Where the frozen app starts."""

from app.session.updates.handing_over import hand_over

# Before anything else is imported: another release may be the one that is to run.
hand_over()

from app.__main__ import main  # noqa: E402

main()
