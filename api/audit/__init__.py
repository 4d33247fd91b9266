"""The audit log as a tree: who gives events their place, reads it, checks it, and erases from it.

`entry` (what is logged of an event), `queue` and `sequencer` (places, tiles, signed checkpoints),
`last_head` (what a restored backup has forgotten), `tree` (tiles, entries and proofs out of the
database), `check` with `heads`, `parts`, `rows` and `strangers` (the whole log against its
checkpoints), `export` and `mirror` (copies, which prove themselves), `erasure` (personal parts, for
good).
"""
