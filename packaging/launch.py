"""Where the frozen app starts."""

from app.composition.loading import load_quickly

load_quickly()

import sys  # noqa: E402

from app.services.pdf_wire import READ_PAGES  # noqa: E402

if sys.argv[1:] == [READ_PAGES]:
    # The window's own reader of documents: of the same release as the window, whatever else is staged.
    from app.services.pdf_process import main as read_pages

    read_pages()

from app.session.updates.handing_over import hand_over  # noqa: E402

# Before anything else is imported: another release may be the one that is to run.
hand_over()

from app.__main__ import main  # noqa: E402

main()
