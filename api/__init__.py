"""The service: composes generator, safety and provenance into the moderated, marked, logged flow.

Start reading at :mod:`api.pipeline`.
"""

from importlib.metadata import version

__version__ = version("signet-video")
