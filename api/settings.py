"""Settings, read from ``SIGNET_*`` environment variables (and nowhere else)."""

import base64
import binascii
import os
import socket
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    HttpUrl,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from generator import catalogue
from generator.base import GeneratorError
from generator.visible_label import Corner, check
from provenance.ledger.cosignature import WitnessKey
from provenance.ledger.errors import FormatError
from provenance.media import Limits
from safety.guards import GuardSpec


def _default_data_dir() -> Path:
    """The user's data folder, so that `signet verify` finds its registry from any directory."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "signet"


class WitnessAddress(BaseModel):
    """A witness of the log: where C2SP tlog-witness is spoken, and its verifier key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: HttpUrl
    key: str

    @field_validator("key")
    @classmethod
    def _is_a_witness_key(cls, key: str) -> str:
        try:
            return str(WitnessKey.parse(key))
        except FormatError as error:
            raise ValueError(
                f"{error}; it is the witness's own, NAME+ID+KEY, of signature type 4"
            ) from error


class LogWebhook(BaseModel):
    """Where new heads of the log are sent, and what signs them (Standard Webhooks)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: HttpUrl
    secret: SecretStr = Field(description="whsec_ and base64")

    @field_validator("secret")
    @classmethod
    def _is_base64(cls, secret: SecretStr) -> SecretStr:
        # Strictly: what is no base64 in a passphrase would be dropped, and little be left of it.
        start, prefix, encoded = secret.get_secret_value().partition("whsec_")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if start or not prefix or not key:
            raise ValueError("the secret is whsec_ and base64")
        return secret


class Settings(BaseSettings):
    """Everything an operator can set.

    In ``production`` mode nothing insecure is made up: see :mod:`api.keyring`.
    """

    model_config = SettingsConfigDict(env_prefix="SIGNET_", extra="forbid")

    mode: Literal["development", "production"] = "development"
    data_dir: Path = Field(default_factory=_default_data_dir)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)

    database_url: str = Field(default="", description="SQLAlchemy URL; empty: SQLite in data_dir")
    storage_url: str = Field(default="", description="obstore URL; empty: a folder in data_dir")

    model: str = Field(default="demo", description="model of a request that names none")
    models: list[str] = Field(default=["demo"], description="models this deployment offers")
    device: str = "auto"
    memory: Literal["auto", "full", "model_offload", "sequential_offload"] = "auto"

    certificate_chain: Path | None = Field(default=None, description="PEM, leaf first")
    private_key: Path | None = Field(default=None, description="PEM, PKCS#8")
    signer: str | None = Field(
        default=None,
        description="module:function that returns a Signer, in place of chain and key",
    )
    trust_anchors: Path | None = Field(default=None, description="PEM of the roots we trust")
    timestamp_url: str | None = Field(default=None, description="RFC 3161 time stamp authority")
    provider: str = Field(
        default="",
        max_length=200,
        description="who is named as the provider in every file; empty: the signer's organisation",
    )
    visible_label: Corner | None = Field(
        default=None, description="where every video gets a visible label; a request may move it"
    )
    visible_label_text: str = Field(default="AI-generated", max_length=60)
    visible_label_font: FilePath | None = Field(
        default=None, description="TrueType; needed for a text beyond Latin letters"
    )
    watermark_keys: list[SecretStr] = Field(
        default=[], description="hex secrets, 32 bytes each; the first one embeds, all are tried"
    )

    log_key: Path | None = Field(
        default=None, description="PEM, Ed25519: signs the heads of the audit log"
    )
    log_origin: str = Field(
        default="signet.local/log", description="the audit log's name, for good; no scheme"
    )

    log_witnesses: list[WitnessAddress] = Field(
        default=[], description="who cosigns the heads of the log"
    )
    log_webhook: LogWebhook | None = Field(
        default=None, description="who is told of new heads of the log"
    )

    worker_id: str = Field(
        default_factory=socket.gethostname,
        description="stable name of this worker; two live workers never share one",
    )
    lease_seconds: float = Field(
        default=20.0, gt=1, description="a worker silent for this long has its jobs taken over"
    )

    policy_dir: Path | None = Field(
        default=None, description="folder of TENANT.yaml, and default.yaml for all other tenants"
    )
    guards: list[GuardSpec] = Field(
        default=[], description="guard models that judge prompts beside the shipped classifier"
    )
    guard_seconds: float = Field(
        default=10.0, gt=0, description="a guard that takes longer for a prompt gives no answer"
    )
    guard_download: bool = Field(
        default=False, description="fetch guards that are not in the hub's local cache"
    )
    frame_blocklist: Path | None = Field(
        default=None, description="PDQ hashes of pictures that no rendered frame may be like"
    )
    frame_classifier: Path | None = Field(
        default=None, description="YAML that describes an image classifier for rendered frames"
    )
    review_four_eyes: bool = Field(
        default=False,
        description="two moderators, not who asked for it, must approve what was held or appealed; "
        "each API key counts as one person",
    )
    max_active_videos: int = Field(default=20, ge=1, description="unfinished videos per tenant")
    verify_requires_key: bool = False
    verify_rate: str = Field(default="30/minute", description="uploads per client address")
    verify_max_bytes: int = Field(default=Limits.max_bytes, ge=1)
    verify_max_seconds: float = Field(default=Limits.max_seconds, gt=0)
    verify_max_frames: int = Field(default=Limits.max_frames, ge=1)
    verify_max_pixels: int = Field(
        default=Limits.max_pixels, ge=1, description="frames x width x height"
    )
    verify_wall_seconds: float = Field(
        default=Limits.max_wall_seconds,
        gt=0,
        description="for decoding one upload, and as long again for the rest",
    )
    verify_concurrency: int = Field(default=2, ge=1, description="uploads examined at once")
    verify_queue: int = Field(default=16, ge=0, description="uploads that may wait for that")
    verify_report_days: float = Field(
        default=30.0, gt=0, le=3650, description="how long links to the page's reports work"
    )
    verify_shows_released: bool = Field(
        default=False,
        description="show strangers a picture of the released video that their file comes from",
    )

    @field_validator("model", "models")
    @classmethod
    def _canonical(cls, value: str | list[str]) -> str | list[str]:
        """Queues are named after canonical ids, so aliases end here."""
        try:
            if isinstance(value, str):
                return catalogue.find(value).id
            return [catalogue.find(name).id for name in value]
        except GeneratorError as error:
            raise ValueError(str(error)) from error

    @model_validator(mode="after")
    def _the_default_model_is_offered(self) -> Self:
        if self.model not in self.models:
            raise ValueError(f"SIGNET_MODEL {self.model!r} is not among SIGNET_MODELS")
        return self

    @model_validator(mode="after")
    def _the_visible_label_can_be_drawn(self) -> Self:
        if {"visible_label_text", "visible_label_font"} & self.model_fields_set:
            try:
                check(self.visible_label_text, self.visible_label_font)
            except GeneratorError as error:
                raise ValueError(str(error)) from error
        return self

    @cached_property
    def app_database_url(self) -> str:
        """Database of videos, keys and the audit log."""
        return self.database_url or f"sqlite:///{self.data_dir / 'signet.sqlite'}"

    @cached_property
    def engine_database_url(self) -> str:
        """Database of the workflow engine: beside ours on SQLite, its own schema on PostgreSQL."""
        return self.database_url or f"sqlite:///{self.data_dir / 'engine.sqlite'}"

    @cached_property
    def trust_lists_dir(self) -> Path:
        """Where `signet trust refresh` puts the lists that take the place of the shipped ones."""
        return self.data_dir / "trust"

    @cached_property
    def witness_keys(self) -> list[str]:
        """The verifier keys of the log's witnesses."""
        return [witness.key for witness in self.log_witnesses]

    @cached_property
    def verify_limits(self) -> Limits:
        """What examining one file may cost."""
        return Limits(
            max_bytes=self.verify_max_bytes,
            max_seconds=self.verify_max_seconds,
            max_frames=self.verify_max_frames,
            max_pixels=self.verify_max_pixels,
            max_wall_seconds=self.verify_wall_seconds,
        )
