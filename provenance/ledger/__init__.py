"""The core of the audit log: an append-only Merkle tree whose head is signed and can be checked.

Nothing here knows a database, a clock or a network: bytes go in, bytes or an error come out. Read
it in this order.

What is logged, and the tree over it: `leaf` (an event's bytes, commitments to erasable fields),
`merkle` (hashes and the growing tree), `proofs` (that an entry is in the tree, that the tree only
grew).
How the tree is stored and served: `tiles` (names), `tile_store` (contents), `bundles` (entries).
Who vouches for its head: `keys` and `note` (signatures), `checkpoint` (the head), `cosignature` and
`witness` (outside witnesses).
What a user keeps: `proof_file`, which proves one entry without asking the service.

`errors` lists what can go wrong; `fields` spells numbers, hashes and text. The formats are those
of RFC 6962, RFC 9162 and C2SP (https://c2sp.org), so other software can read and check the log.
"""
