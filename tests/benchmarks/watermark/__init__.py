"""The watermark's study: quality, robustness beside its peers, false positives, attacks, speed."""
