"""Reads a prompt as it is meant, however it is written.

Writers hide words from a classifier with look-alike letters, invisible characters, digits for
letters, encodings, or separators between letters. Each module undoes one sort of that as edits of
a text; a view applies them and keeps its alignment with the prompt. Whether an edit is right shows
in the words it makes, so that "4k" and "U.S.A." survive. `read` puts the steps together.
"""

from safety.normalise.reading import MOST_CHARACTERS, MOST_VIEWS, Reading, read
from safety.normalise.scripts import readable_share
from safety.normalise.view import View

__all__ = ["MOST_CHARACTERS", "MOST_VIEWS", "Reading", "View", "read", "readable_share"]
