"""Who hears whom where objects are found by words."""

from app.program import Program
from app.rows.actions import Actions


def wire_words(program: Program, actions: Actions) -> None:
    """Connect the field for words, the network that understands them, and what it found."""
    page, masking = program.window.masks, program.masking

    def tell(_place: str) -> None:
        page.show_words_missing(masking.words.missing)
        actions.refresh()

    page.words_wanted.connect(masking.find_words)
    masking.words.found.connect(page.show_found)
    masking.words.waiting.connect(page.say)
    masking.words.noticed.connect(program.notice)
    masking.words.opened.connect(program.memory.choose_finder)
    masking.words.opened.connect(tell)
    masking.opened.connect(tell)  # a SAM 3 understands words too
    tell("")
