"""Prometheus metrics of this process."""

from prometheus_client import Counter, Gauge, Histogram

STAGE_SECONDS = Histogram(
    "signet_stage_seconds",
    "Duration of each production stage.",
    ["stage"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600),
)
VERIFICATIONS = Counter("signet_verifications_total", "Verified uploads by verdict.", ["verdict"])
MODERATIONS = Counter("signet_moderations_total", "Moderated prompts by action.", ["action"])
VIDEOS = Gauge("signet_videos", "Videos in each state, counted in the database.", ["state"])
