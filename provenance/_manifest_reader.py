"""The child process of `provenance.credentials.read`: one untrusted file in, its manifest out.

Runs as a script (`python -I _manifest_reader.py SETTINGS_FD LIMITS`), so it imports nothing of the
package. The file is standard input; descriptor SETTINGS_FD holds a JSON list of [name, settings],
to be tried in turn until the list of that name vouches for the signer. The answer on standard
output is one JSON object: `store`, the text that `c2pa.Reader.json` prints, `trusted_by`, that name
or null, and `sha256`, that of the store's bytes in an MP4; or `state` (absent, unreadable) with an
`error`.
"""

import hashlib
import io
import json
import os
import resource
import sys
from typing import Any

_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_PURPOSE = b"manifest\0"


def read(attempts: list[tuple[str, dict[str, Any]]]) -> dict[str, str | None]:
    """What the C2PA library says about standard input."""
    import c2pa  # under the memory limit

    try:
        stores = []
        for name, settings in attempts:
            stores.append(_read(c2pa, settings))
            if _vouches(name, stores[-1]):
                return {"store": stores[-1], "trusted_by": name, "sha256": _sha256()}
        return {"store": stores[0], "trusted_by": None, "sha256": _sha256()}
    except (c2pa.C2paError.ManifestNotFound, c2pa.C2paError.NotSupported):
        return {"state": "absent"}
    except (c2pa.C2paError, ValueError, KeyError, RecursionError) as error:
        return {"state": "unreadable", "error": str(error)}


def _read(c2pa: Any, settings: dict[str, Any]) -> str:
    file = io.FileIO(sys.stdin.fileno(), closefd=False)
    file.seek(0)
    with (
        c2pa.Context.from_dict(settings) as context,
        c2pa.Reader(None, file, context=context) as reader,
    ):
        return str(reader.json())


def _sha256() -> str | None:
    """SHA-256 (hex) of the manifest store in the top-level box `uuid` that C2PA 2.3 §A.5 puts it
    in: after version and flags, purpose and the place of a Merkle tree; None in other containers.

    A signature leaves some of these bytes out, such as the padding around it and its time stamp.
    """
    file = io.FileIO(sys.stdin.fileno(), closefd=False)
    file.seek(0)
    while len(head := file.read(8)) == 8:
        size = int.from_bytes(head[:4], "big")
        if size < 8:  # as long as all that follows or as 64 bits say: no box of ours
            return None
        start = file.tell()
        if head[4:] == b"uuid" and file.read(16) == _C2PA:
            file.seek(4, io.SEEK_CUR)
            if file.read(len(_PURPOSE)) == _PURPOSE:
                file.seek(8, io.SEEK_CUR)
                return hashlib.sha256(file.read(start + size - 8 - file.tell())).hexdigest()
        file.seek(start + size - 8)
    return None


def _vouches(name: str, store: str) -> bool:
    """Whether the library found the signer's root on the list called `name`."""
    success = json.loads(store)["validation_results"]["activeManifest"]["success"]
    return any(
        result["code"] == "signingCredential.trusted"
        and f"found in [{name}] " in result["explanation"]
        for result in success
    )


def main() -> None:
    """Lower this process's limits for good, then read."""
    limits = json.loads(sys.argv[2])
    with os.fdopen(int(sys.argv[1])) as file:
        attempts = json.load(file)
    for kind, value in (
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_CPU, limits["seconds"]),
        (resource.RLIMIT_FSIZE, limits["output_bytes"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))
    json.dump(read(attempts), sys.stdout)


if __name__ == "__main__":
    main()
