"""What mutated uploads do to the verifier: `python -m tests.benchmarks.mutated_uploads`.

Sends mutants of real files (flipped bits, cuts, boxes moved or resized, two formats in one file)
through `POST /v1/verify` in this process, and prints a table: answers by status and verdict, the
slowest one, the server's memory as it goes, and what was left behind. Exits with 1 for an answer of
5xx, `authentic` for other pictures or another manifest, a child or a file that was left, or memory
that grew by more than 10 % after the first fifth.
"""

import argparse
import hashlib
import itertools
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import psutil
from fastapi.testclient import TestClient

from api import logs
from api.app import create_app
from api.service import Service, migrate, open_service
from api.settings import Settings
from generator.encode import encode
from provenance.credentials import read
from provenance.media import MediaError, decode
from tests.api.released import release, stripped

Mutation = Callable[[bytearray, random.Random], None]
Facts = tuple[str, str | None]


def flip_bits(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 60)):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def truncate(content: bytearray, chance: random.Random) -> None:
    del content[chance.randrange(len(content)) :]


def move_boxes(content: bytearray, chance: random.Random) -> None:
    """Shuffles, repeats or drops top-level boxes."""
    boxes, start = [], 0
    while start < len(content):
        size = max(int.from_bytes(content[start : start + 4], "big"), 8)
        boxes.append(bytes(content[start : start + size]))
        start += size
    chosen = [chance.choice(boxes) for _ in range(chance.randint(1, 2 * len(boxes)))]
    content[:] = b"".join(chosen)


def resize_box(content: bytearray, chance: random.Random) -> None:
    """Claims another length, for a box anywhere or for a count in it."""
    names = [b"moov", b"trak", b"mdia", b"stbl", b"stsz", b"stco", b"stts", b"elst", b"uuid"]
    at = content.find(chance.choice(names))
    at = at - 4 if at >= 4 else chance.randrange(max(len(content) - 16, 1))
    at += chance.choice((0, 12))
    content[at : at + 4] = chance.choice((0, 1, 7, 2**31 - 1, 2**32 - 1)).to_bytes(4, "big")


def join_another_format(content: bytearray, chance: random.Random) -> None:
    heads = (b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF", b"%PDF-1.7\n")
    content[:0] = chance.choice(heads) + chance.randbytes(chance.randrange(200))


MUTATIONS: list[Mutation] = [flip_bits, truncate, move_boxes, resize_box, join_another_format]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--uploads", type=int, default=5000)
    parser.add_argument("--unchanged", action="store_true", help="send the files as they are")
    options = parser.parse_args()
    logs.configure(json_lines=False, level=logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / "scratch"
        scratch.mkdir()
        tempfile.tempdir = str(scratch)
        settings = Settings(data_dir=Path(folder) / "data", verify_rate="1000000/minute")
        migrate(settings)
        with open_service(settings) as service, TestClient(create_app(service)) as client:
            files = _files(service, Path(folder))
            facts = partial(_facts, service, Path(folder) / "examined.mp4")
            mutations = [_nothing] if options.unchanged else MUTATIONS
            return _attack(client, files, mutations, options.uploads, scratch, facts)


def _files(service: Service, folder: Path) -> list[bytes]:
    """A released video, a stripped copy of it, and a foreign clip."""
    video = release(service, folder)
    frames = np.random.default_rng(1).integers(0, 256, (8, 128, 160, 3), np.uint8)
    encode(frames, 8, folder / "foreign.mp4")
    paths = [video.path, stripped(video, folder), folder / "foreign.mp4"]
    return [path.read_bytes() for path in paths]


def _facts(service: Service, path: Path, content: bytes) -> Facts:
    """Digests of the decoded pictures and of the manifest."""
    path.write_bytes(content)
    try:
        with decode(path, service.settings.verify_limits) as video:
            pictures = hashlib.sha256(np.ascontiguousarray(video.frames)).hexdigest()
    except MediaError as error:
        pictures = str(error)
    return pictures, read(path, service.keyring.trust).manifest_sha256


def _attack(
    client: TestClient,
    files: list[bytes],
    mutations: list[Mutation],
    uploads: int,
    scratch: Path,
    facts: Callable[[bytes], Facts],
) -> int:
    process, answers, memory, slowest = psutil.Process(), Counter[str](), [], 0.0
    authentic, of_originals = Counter[str](), {original: facts(original) for original in files}
    plan = list(itertools.islice(itertools.cycle(itertools.product(files, mutations)), uploads))
    for number, (original, mutate) in enumerate(plan):
        content = bytearray(original)
        mutate(content, random.Random(number))
        began = time.monotonic()
        answer = client.post("/v1/verify", files={"file": bytes(content)})
        slowest = max(slowest, time.monotonic() - began)
        said = answer.json().get("verdict") or answer.json()["error"]["code"]
        answers[f"{answer.status_code} {said}"] += 1
        if said == "authentic":
            kept = facts(bytes(content)) == of_originals[original]
            authentic["bytes" if content == original else "facts" if kept else "nothing"] += 1
        if number % max(uploads // 10, 1) == 0:
            memory.append((number, process.memory_info().rss / 2**20))
    children = [child for child in process.children(recursive=True) if "python" in child.name()]
    left = [path.name for path in scratch.rglob("*")]
    print(f"{uploads} uploads, slowest {slowest:.1f} s by the wall clock")
    for said, count in sorted(answers.items()):
        print(f"{count:6} {said}")
    print(
        f"authentic: {authentic['bytes']} unchanged, {authentic['facts']} with the original's "
        f"pictures and manifest in other bytes, {authentic['nothing']} with others"
    )
    print("memory of the server, MiB: " + ", ".join(f"{n}: {size:.0f}" for n, size in memory))
    print(f"children left: {len(children)}, files left: {left or 0}")
    settled, last = memory[len(memory) // 5][1], memory[-1][1]
    broken = any(said.startswith("5") for said in answers)
    broken = broken or authentic["nothing"] > 0
    return int(broken or bool(children) or bool(left) or last > 1.1 * settled)


def _nothing(content: bytearray, chance: random.Random) -> None:
    pass


if __name__ == "__main__":
    sys.exit(main())
