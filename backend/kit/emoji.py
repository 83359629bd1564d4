"""Which emojis there are, and the one way to write each."""

import emoji

# "❤" and "❤️" look the same: a selector says only that the first is not to be shown as a letter.
SELECTOR = "\ufe0f"
LONGEST = 64  # Characters in any spelling; the longest emoji has ten.


def emoji_of(text: str) -> str | None:
    """
    Return the one emoji that a text is, fully qualified as Unicode lists it; None if it is none.

    What people see as the same emoji is the same text here, so that it is counted as one.
    """
    if not 1 <= len(text) <= LONGEST:
        return None
    return _WRITTEN.get(text.replace(SELECTOR, ""))


_WRITTEN = {
    text.replace(SELECTOR, ""): text
    for text, said in emoji.EMOJI_DATA.items()
    if said["status"] == emoji.STATUS["fully_qualified"]
}
