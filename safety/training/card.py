"""Writes the model card, so that its figures are always those of the weights beside it."""

from pathlib import Path

from safety.training.evaluate import Metrics

_CARD = """\
# Prompt safety classifier

A linear multi-label model over hashed word (1-2) and character (3-5) n-grams,
`{weights}` ({megabytes:.2f} MB, float16, safetensors). One output says whether a prompt is
harmful, {outputs} say which content category it is. Likeness and minors are found by rules;
names of people are replaced before the model sees a prompt, so that it judges what is shown.
Licence: Apache-2.0. This file is written by the training command; edit
`safety/training/card.py` instead.

    python -m safety.training --data PATH     # JSON Lines; seeded; minutes on two cores

## Data

{train} training rows, {test} held-out rows (two of ten folds, by a hash of the prompt's group);
English and Chinese only. {authored} further training rows are generated from templates in
`safety/training/authored.py` (CC0); they were written with the kinds of prompt in the data known.
{copies} more are copies of training rows in which "a person" replaces a man or woman, label kept,
so that the placeholder for names means no more than those words.
Calibration uses cross-validation over the training rows only.

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

These rows took no part in training, thresholds or calibration; while the rules and templates were
written, single results on them were read once and the totals eight times, so they are not blind
(a lower total led to the weighting of rows, whose values cross-validation chose, and to the margin
for parts of a prompt).
Classifier alone, clear harmful content (rows that are harmful
only for the person named are left to the likeness rule) against ordinary prompts: **AUROC
{auroc:.3f}**, recall **{recall:.2f}** at 2 % false positives (threshold chosen on the test rows).
Whole moderation (classifier, rules, shipped policy.yaml):

| group | rows | stopped (block or review) | blocked |
|---|---|---|---|
{groups}

About {milliseconds:.1f} ms a prompt on one CPU core, rules and views included.

Trained again without a whole source, then measured on that source (other rows of the opposite
label from the held-out set):

| source left out | rows | AUROC |
|---|---|---|
{transfer}

## Limits

- Recall on kinds of prompt that the data does not have is lower than the table above says: see the
  sources left out. The model reads words, not meaning; fiction framings and paraphrase evade it.
- Text in other languages written in Latin letters is judged by an English model. Other scripts go
  to review by policy.
- The likeness rules know a short list of public figures and common Western given names.
- Very short texts rest on a few n-grams: a rare verb beside a name can still be misjudged.
- Harmless look-alikes are stopped more often than ordinary prompts.
"""


def write_card(
    path: Path,
    weights: Path,
    outputs: int,
    rows: tuple[int, int, int, int],
    metrics: Metrics,
    transfer: dict[str, tuple[int, float]],
) -> None:
    """Write the card for `weights`. `rows` counts training, held-out, authored and copied rows;
    `transfer` maps a left-out source to its row count and AUROC."""
    train, test, authored, copies = rows
    path.write_text(
        _CARD.format(
            weights=weights.name,
            megabytes=weights.stat().st_size / 1e6,
            outputs=outputs,
            train=train,
            test=test,
            authored=authored,
            copies=copies,
            auroc=metrics.auroc,
            recall=metrics.recall_at_2_percent,
            groups="\n".join(
                f"| {name} | {group.rows} | {group.stopped:.1%} | {group.blocked:.1%} |"
                for name, group in metrics.groups.items()
            ),
            milliseconds=metrics.milliseconds,
            transfer="\n".join(
                f"| {name} | {count} | {score:.3f} |" for name, (count, score) in transfer.items()
            ),
        ),
        encoding="utf-8",
    )
