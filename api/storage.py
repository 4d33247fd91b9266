"""Object storage: a local folder by default, or any S3-compatible bucket, through obstore."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.store import LocalStore, S3Store, from_url

_SIGNED_URL_LIFETIME = timedelta(minutes=5)


class Storage:
    """Objects under slash-separated keys. A put is atomic: readers see all of it or nothing."""

    def __init__(self, store: LocalStore | S3Store) -> None:
        self._store = store

    @classmethod
    def open(cls, url: str, default_folder: Path) -> "Storage":
        """The store at ``url`` (``file:///…`` or ``s3://bucket/prefix``), or ``default_folder``."""
        if not url:
            return cls(LocalStore(default_folder, mkdir=True))
        store = from_url(url)
        if not isinstance(store, LocalStore | S3Store):
            raise ValueError(f"SIGNET_STORAGE_URL {url!r}: use file:///… or s3://…")
        return cls(store)

    def ping(self) -> None:
        """Raise if the store does not answer."""
        obstore.list_with_delimiter(self._store, "")

    def put(self, key: str, path: Path) -> None:
        """Store the file at ``path`` under ``key``, replacing what was there."""
        obstore.put(self._store, key, path)

    @contextmanager
    def local_copy(self, key: str) -> Iterator[Path]:
        """A readable file with the object's bytes: the object itself in a folder, else a download.

        Raises FileNotFoundError if there is no such object. Callers must not write to the file.
        """
        folder = self.local_path(key)
        if folder is not None:
            if not folder.is_file():
                raise FileNotFoundError(key)
            yield folder
            return
        with tempfile.TemporaryDirectory(prefix="signet-") as temporary:
            copy = Path(temporary) / Path(key).name
            with copy.open("wb") as out:
                for chunk in obstore.get(self._store, key).stream():
                    out.write(chunk)
            yield copy

    def local_path(self, key: str) -> Path | None:
        """Where the object lies, if this store is a local folder."""
        if not isinstance(self._store, LocalStore):
            return None
        if self._store.prefix is None:
            raise ValueError("a local store needs a folder")
        return Path(self._store.prefix) / key

    def signed_url(self, key: str) -> str:
        """A short-lived download URL of an object in a bucket; it answers Range itself."""
        if isinstance(self._store, LocalStore):
            raise TypeError("a local folder has no URLs")
        return obstore.sign(self._store, "GET", key, _SIGNED_URL_LIFETIME)

    def delete(self, key: str) -> None:
        """Delete one object; raises FileNotFoundError if there is none."""
        obstore.delete(self._store, key)

    def delete_all(self, prefix: str) -> None:
        """Delete every object below ``prefix``; nothing there is fine."""
        keys = self.list(prefix)
        if keys:
            obstore.delete(self._store, keys)

    def list(self, prefix: str) -> list[str]:
        """The keys below ``prefix``."""
        return [item["path"] for batch in obstore.list(self._store, prefix) for item in batch]
