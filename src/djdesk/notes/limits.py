"""How much fits into a note. Generous: they catch accidents, not use."""

TITLE_CHARACTERS = 200
TEXT_CHARACTERS = 1_000_000
QUERY_CHARACTERS = 200
FILES_AT_ONCE = 20
FILE_BYTES = 100 * 1024 * 1024
NOTES_ON_A_PAGE = 24
