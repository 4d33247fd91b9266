"""`signet watermark`: write and read the invisible marks alone, without manifest or registry."""

import os
import re
import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from api import keyring
from api.cli.detection_view import detection_view
from api.cli.output import EXIT_BAD_INPUT, EXIT_NO, Json, console, errors, fail, print_json
from api.settings import Settings
from generator.base import GeneratorError
from generator.encode import encode
from provenance.media import MediaError, decode
from provenance.report import jsonable
from provenance.watermark import Detection, WatermarkError, detect, embed
from provenance.watermark.types import Frames

watermark = typer.Typer(
    help="The invisible marks alone.", no_args_is_help=True, rich_markup_mode=None
)


@watermark.command("embed")
def embed_command(
    source: Annotated[
        Path,
        typer.Argument(metavar="IN", help="The video to mark.", exists=True, dir_okay=False),
    ],
    destination: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="The MP4 to write.", dir_okay=False, writable=True),
    ],
    mark_id: Annotated[
        str | None,
        typer.Option(
            "--id", metavar="HEX16", help="16 hexadecimal digits; drawn at random if left out."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Mark every frame of a video and write it as H.264 in MP4.

    Every frame gets the keyed mark, which carries the id, and, from 256x256 pixels of area on,
    the open mark, which says "made by an AI" to anyone. Encoding is x264 at crf 18, in 8 bits, at
    the video's mean frame rate; sound is not carried over. OUT ends in .mp4, appears only when it
    is complete, and replaces a file of that name. A video that is marked already keeps the new id
    only.

    \b
    Example:  signet watermark embed clip.mp4 marked.mp4 --id 0123456789abcdef

    With --json, answers {"file", "mark_id", "frames"}. Exits with 2 for a file that cannot be
    decoded or marked, or a place that cannot be written.
    """
    number = secrets.randbits(64) if mark_id is None else _parse_id(mark_id)
    _check_destination(source, destination)
    settings = Settings()
    key = keyring.watermark_keys(settings)[0]
    try:
        with _progress() as progress:
            decoding = progress.add_task("decoding", total=None)
            with decode(source, settings.verify_limits) as video:
                progress.remove_task(decoding)
                marking = progress.add_task("marking", total=None)
                # All at once: strength follows motion from frame to frame.
                frames, fps = embed(video.frames, number, key), video.fps
                progress.remove_task(marking)
            progress.add_task("encoding", total=None)
            _write(frames, fps, destination)
    except (MediaError, WatermarkError, GeneratorError) as error:
        fail(f"{source}: {error}", EXIT_BAD_INPUT)
    if as_json:
        document = {"file": str(destination), "mark_id": f"{number:016x}", "frames": len(frames)}
        print_json(document)
    else:
        count = "1 frame" if len(frames) == 1 else f"{len(frames)} frames"
        console.print(f"{destination}: {number:016x} in {count}", markup=False)


@watermark.command("detect")
def detect_command(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A video, or a single picture.", exists=True, dir_okay=False
        ),
    ],
    as_json: Json = False,
) -> None:
    """Find the marks in a video: which id, how surely, where, and what was done to the picture.

    Exits with 0 if a keyed mark was found, readable or not, with 1 if there is none, with 2 for a
    file that cannot be decoded or is too small. Finding none is no evidence of authenticity.

    \b
    Example:  signet watermark detect marked.mp4

    \b
    With --json, answers
      file, frames, fps    what was looked at
      present              whether a keyed mark was found, readable or not
      mark_id              16 hexadecimal digits, the id of most frames; null: none readable
      log10_false_positive bound on the chance of evidence this strong without a mark, as log10
      segments             what is marked, in order: frames start to end (exclusive),
                           mark_id (null: present, not readable), region [left, top, right,
                           bottom] in 0..1 (null: the whole picture, or not certain)
      geometry             how the picture was changed since (null: unknown): mirrored, then
                           rotation_degrees counter-clockwise, then scale, stretch (width scale
                           over height scale), shift in pixels (modulo the pattern's period);
                           matrix: the same as a map from this picture to the marked one
      open_mark            message in hexadecimal, bits_correct out of bits, and whether it
                           matches (null: the picture is too small for its reader)
    """
    settings = Settings()
    keys = keyring.watermark_keys(settings, create=False)
    try:
        with errors.status("searching"), decode(file, settings.verify_limits) as video:
            found = detect(video.frames, keys)
            num_frames, fps = video.num_frames, video.fps
    except (MediaError, WatermarkError) as error:
        fail(f"{file}: {error}", EXIT_BAD_INPUT)
    if as_json:
        print_json({"file": str(file), "frames": num_frames, "fps": fps, **_document(found)})
    else:
        console.print(file, markup=False, soft_wrap=True)
        console.print(detection_view(found, num_frames, fps))
    raise typer.Exit(0 if found.segments else EXIT_NO)


def _parse_id(text: str) -> int:
    if not re.fullmatch("[0-9a-fA-F]{16}", text):
        fail(f"--id {text!r}: give 16 hexadecimal digits", EXIT_BAD_INPUT)
    return int(text, 16)


def _check_destination(source: Path, destination: Path) -> None:
    """Refuse, before any work, what renaming a file onto `destination` would fail at or harm."""
    if destination.suffix.lower() != ".mp4":
        fail(f"{destination} does not end in .mp4, the format that is written", EXIT_BAD_INPUT)
    folder = destination.resolve().parent
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        fail(f"cannot write into {folder}", EXIT_BAD_INPUT)
    if os.path.exists(destination):
        if not os.path.isfile(destination):
            fail(f"{destination} is not a plain file", EXIT_BAD_INPUT)
        if os.path.samefile(source, destination):
            fail(f"{destination} is the video to mark; name another file", EXIT_BAD_INPUT)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
        disable=not errors.is_interactive,  # elsewhere it prints an empty line
    )


def _write(frames: Frames, fps: float, destination: Path) -> None:
    """Encode beside `destination` and rename, so that half a file never bears its name."""
    target = destination.resolve()
    partial = target.with_name(f".{secrets.token_hex(8)}.mp4")
    try:
        encode(frames, fps, partial)
        partial.replace(target)
    except OSError as error:
        fail(f"cannot write {destination}: {error.strerror}", EXIT_BAD_INPUT)
    finally:
        partial.unlink(missing_ok=True)


def _document(found: Detection) -> dict[str, Any]:
    """The detection in JSON's types, ids as 16 hexadecimal digits."""
    document = {"present": bool(found.segments), **asdict(found)}
    for part in (document, *document["segments"]):
        if part["mark_id"] is not None:
            part["mark_id"] = f"{part['mark_id']:016x}"
    plain: dict[str, Any] = jsonable(document)
    return plain
