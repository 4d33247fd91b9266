"""Which policy file a tenant's prompts are judged by."""

from pathlib import Path

import structlog

from safety.policy import POLICY_PATH

log = structlog.get_logger()

_DEFAULT, _SUFFIX = "default", ".yaml"


class Policies:
    """The files of a folder: one for each tenant that has its own, and one for all others."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._files: dict[str, Path] = {}

    def path_for(self, tenant: str) -> Path:
        """The tenant's file, or the default one; the shipped policy where there is no folder.

        The folder is looked at each time. While it cannot be read, what was found last counts.
        The file may be missing: then nothing passes, or what it said last stays in force.
        """
        if self._folder is None:
            return POLICY_PATH
        try:
            # Found by its name, not made of it: a tenant may be called anything, such as ../x.
            self._files = {
                path.stem: path for path in self._folder.iterdir() if path.suffix == _SUFFIX
            }
        except OSError as error:
            log.error("the folder of policies cannot be read", error=str(error))
        return self._files.get(tenant, self._folder / f"{_DEFAULT}{_SUFFIX}")
