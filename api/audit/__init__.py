"""The audit log as a tree: who gives events their place, reads it, checks it, and erases from it.

`entry` (what is logged of an event), `sequencer` (places, tiles, signed checkpoints), `tree`
(tiles, entries and proofs out of the database), `check` (the whole log against its checkpoints),
`erasure` (personal parts, for good).
"""
