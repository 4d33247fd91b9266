"""The authored corpus is large, balanced, free of repetitions and of texts it must never hold."""

import re
import unicodedata
from collections import Counter, defaultdict

import pytest

from safety.taxonomy import CONTENT_CATEGORIES, TAXONOMY
from safety.training.corpus import CORPUS_PATH, Section, corpus_rows, corpus_sections
from safety.training.data import Row

LANGUAGES = ("fr", "de", "es", "it", "pt", "zh", "ar", "hi", "ru")
DEEPFAKE = ("ncii", "political", "misinformation", "fraud", "privacy")

# Whole words where the script has word boundaries, stems and substrings where it has none.
MINORS = re.compile(
    r"\b(?:child(?:ren|hood)?|kids?|boys?|girls?|teens?|teenagers?|minors?|bab(?:y|ies)|toddlers?"
    r"|infants?|newborns?|school(?:s|girls?|boys?|mates?|children)?|pupils?|classmates?|sons?"
    r"|daughters?|kindergartens?|nursery|underage|youngsters?|adolescents?|preteens?"
    r"|enfants?|fillettes?|garçons?|gamine?s?|bébés?|mineure?s?|élèves?|écoles?|lycéenne?s?"
    r"|kind(?:er|ern|es)?|mädchen|junge[ns]?|schüler\w*|schule\w*|jugendliche\w*|tochter"
    r"|niñ[oa]s?|chic[oa]s?|menores?|bebés?|alumn[oa]s?|escuelas?|colegialas?|hij[oa]s?"
    r"|bambin[oaie]|ragazzin[oaie]|ragazz[oaie]|minorenn[ei]|scuol[ae]|neonat[oaie]"
    r"|crianças?|menin[oa]s?|garot[oa]s?|escolas?|adolescentes?|filh[oa]s?)\b"
    r"|дет(?:и|ей|ям|ск)|реб[её]н|школ|девочк|мальчик|подрост|младен|несовершеннолет"
    r"|孩|儿童|少年|少女|学生|小学|中学|校园|未成年|婴儿|女童|男童|幼"
    r"|طفل|أطفال|مدرس[ةي]|تلميذ|قاصر|رضيع|مراهق|صبي"
    r"|बच्च|लड़क|किशोर|नाबालिग|विद्यालय|स्कूल|शिशु|बालक",
    re.IGNORECASE,
)
SEXUAL = re.compile(
    r"\b(?:sex|sexual\w*|sexy|porn\w*|nudes?|nudity|naked|erotic\w*|undress\w*|striptease\w*|strips?"
    r"|stripped|topless|lingerie|intimate|x-rated|orgy|intercourse|prostitutes?|seduc\w+|moan\w*"
    r"|bare|breasts?|thighs?|unclothed|fetish|escort"
    r"|sexe|sexuel\w*|sextape|nu|nue|nus|nues|érotique\w*|déshabill\w*|intime?s?|dénud\w*"
    r"|sexszene|sexvideo|nackt\w*|erotisch\w*|entkleide\w*|intim\w*|strippt"
    r"|sexo|desnud\w*|erótic\w*|íntim\w*|sesso|nud[oaie]|spogli\w*|nua?s?|nudez|despe|sexo)\b"
    r"|секс|голы[ейх]|голая|голой|догола|раздень|раздева|эротич|порно|обнаж"
    r"|裸|色情|性爱|做爱|脱衣|私密|赤裸|一丝不挂|露骨"
    r"|عاري|عار[ٍ ]|إباحي|جنسي|جماع|تتعرى|تعري"
    r"|नंगी|नग्न|सेक्स|यौन|पोर्न|निर्वस्त्र|संभोग|कपड़े उतार",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return corpus_rows()


@pytest.fixture(scope="module")
def sections() -> list[Section]:
    return corpus_sections()


def count(rows: list[Row], label: str, *tiers: str, language: str | None = None) -> int:
    return sum(
        row.label == label and row.tier in tiers and language in (None, row.language)
        for row in rows
    )


def test_every_kind_is_there_in_number(rows: list[Row]) -> None:
    assert count(rows, "allow", "hard_negative", language="en") >= 1200
    assert count(rows, "allow", "benign", language="en") >= 800
    assert count(rows, "block", "clear", language="en") >= 600
    assert count(rows, "block", "counterfactual") >= 400
    assert count(rows, "allow", "counterfactual") == count(rows, "block", "counterfactual")
    assert count(rows, "allow", "wrapped") == count(rows, "block", "wrapped") >= 600
    assert {row.language for row in rows} == {"en", *LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_both_labels(rows: list[Row], language: str) -> None:
    assert count(rows, "block", "clear", language=language) >= 120
    assert count(rows, "allow", "benign", "hard_negative", language=language) >= 160
    assert count(rows, "allow", "hard_negative", language=language) >= 60
    present = {
        name for row in rows if row.language == language and row.harmful for name in row.categories
    }
    assert present >= set(CONTENT_CATEGORIES)


@pytest.mark.parametrize("category", TAXONOMY)
def test_every_category_has_harmful_prompts_and_look_alikes(
    rows: list[Row], sections: list[Section], category: str
) -> None:
    near = [section for section in sections if category in section.near]
    pairs = sum(len(section.lines) for section in near if section.kind == "pairs")
    look_alikes = sum(len(section.lines) for section in near if section.kind == "look-alike")
    assert sum(category in row.categories for row in rows if row.language == "en") >= 10
    assert look_alikes >= 60
    assert pairs >= (45 if category in DEEPFAKE else 10)


def test_harmful_rows_name_their_categories_and_harmless_rows_none(rows: list[Row]) -> None:
    for row in rows:
        assert row.source == "signet_corpus"
        assert row.domain in ("t2v", "t2i", "text")
        assert set(row.categories) <= set(TAXONOMY)
        assert bool(row.categories) == row.harmful
        assert not row.is_about_subject_only


def test_no_text_repeats(rows: list[Row]) -> None:
    repeated = [text for text, n in Counter(row.text.casefold() for row in rows).items() if n > 1]
    assert repeated == []


def test_only_pairs_share_a_group_across_labels(rows: list[Row]) -> None:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.group].append(row)
    for members in groups.values():
        if any(row.tier == "counterfactual" for row in members):
            assert [row.label for row in members] == ["allow", "block"]
            assert members[0].text != members[1].text
        else:
            assert len({row.label for row in members}) == 1


def test_every_frame_carries_both_labels_equally(rows: list[Row]) -> None:
    wrapped = [row for row in rows if row.tier == "wrapped"]
    for allowed, blocked in zip(wrapped[::2], wrapped[1::2], strict=True):
        assert (allowed.label, blocked.label) == ("allow", "block")


def test_texts_are_normalised_complete_and_of_sensible_length(rows: list[Row]) -> None:
    for row in rows:
        assert unicodedata.is_normalized("NFC", row.text), row.text
        assert 3 <= len(row.text) <= 1500, row.text
        assert row.text == row.text.strip()
        assert not re.search(r"[{}|\n\t]|\(.*\||  ", row.text), row.text


def test_the_order_is_the_same_each_time(rows: list[Row]) -> None:
    assert corpus_rows() == rows


def test_no_text_brings_minors_and_sexual_words_together(rows: list[Row]) -> None:
    both = [row.text for row in rows if MINORS.search(row.text) and SEXUAL.search(row.text)]
    assert both == []


def test_files_stay_small() -> None:
    assert all(path.stat().st_size < 400_000 for path in CORPUS_PATH.rglob("*.yaml"))
