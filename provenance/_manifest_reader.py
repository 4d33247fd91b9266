"""The child process of `provenance.credentials.read`: one untrusted file in, its manifest out.

Runs as a script (`python -I _manifest_reader.py SETTINGS LIMITS`), so it imports nothing of the
package. The file is standard input. The answer on standard output is one JSON object: `store`, the
text that `c2pa.Reader.json` prints, or `state` (absent, unreadable) with an `error`.
"""

import io
import json
import resource
import sys


def read(settings: dict[str, object]) -> dict[str, str]:
    """What the C2PA library says about standard input."""
    import c2pa  # under the memory limit

    with c2pa.Context.from_dict(settings) as context:
        try:
            with c2pa.Reader(None, io.FileIO(sys.stdin.fileno()), context=context) as reader:
                return {"store": reader.json()}
        except (c2pa.C2paError.ManifestNotFound, c2pa.C2paError.NotSupported):
            return {"state": "absent"}
        except (c2pa.C2paError, ValueError, RecursionError) as error:
            return {"state": "unreadable", "error": str(error)}


def main() -> None:
    """Lower this process's limits for good, then read."""
    limits = json.loads(sys.argv[2])
    for kind, value in (
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_CPU, limits["seconds"]),
        (resource.RLIMIT_FSIZE, limits["output_bytes"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))
    json.dump(read(json.loads(sys.argv[1])), sys.stdout)


if __name__ == "__main__":
    main()
