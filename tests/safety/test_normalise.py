"""Views undo disguises, stay few, and point back into the prompt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.normalise import readable_share, views

any_text = st.text(st.characters(), max_size=200)


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("кіll thе lіghts", "kill the lights"),  # Cyrillic look-alikes
        ("ki\u200bll the\u2060 li\u00adghts", "kill the lights"),  # invisible characters
        ("\u202ekill\u202c the lights", "kill the lights"),  # bidi controls
        ("ｋｉｌｌ 𝐭𝐡𝐞 𝓵𝓲𝓰𝓱𝓽𝓼", "kill the lights"),  # compatibility forms
        ("kíll thê lïghts", "kill the lights"),
        ("k1ll th3 l1ght$", "kill the lights"),
        ("k.i.l.l the lights", "kill the lights"),
        ("k i l l the lights", "kill the lights"),
        ("k-i-l-l the l_i_g_h_t_s", "kill the lights"),
        ("ki*ll the li_ghts", "kill the lights"),
        ("kill\t\n the   lights", "kill the lights"),
    ],
)
def test_disguises_are_undone_in_one_view(disguised: str, plain: str) -> None:
    assert plain in [view.text for view in views(disguised)]


@pytest.mark.parametrize(
    "prompt", ["a red circle moves left to right", "a 4k video of a 1920s car", "两只猫在奔跑"]
)
def test_ordinary_text_has_a_single_view(prompt: str) -> None:
    assert [view.text for view in views(prompt)] == [prompt]


def test_spans_point_at_the_disguised_characters() -> None:
    prompt = "please k\u200b.i.l.l it"
    view = next(view for view in views(prompt) if "kill" in view.text)
    start = view.text.index("kill")
    first, last = view.source_span(start, start + 4)
    assert prompt[first:last] == "k\u200b.i.l.l"


@given(any_text)
def test_views_are_few_distinct_and_aligned(prompt: str) -> None:
    readings = views(prompt)
    assert 1 <= len(readings) <= 4
    assert len({view.text for view in readings}) == len(readings)
    for view in readings:
        assert len(view.text) == len(view.origins)
        assert list(view.origins) == sorted(view.origins)
        assert all(0 <= origin < len(prompt) for origin in view.origins)
        assert 0 <= readable_share(view) <= 1


def test_readable_share_counts_letters_by_script() -> None:
    def share(text: str) -> float:
        return readable_share(views(text)[0])

    assert share("a café in Zürich") == 1
    assert share("两只猫") == 1
    assert share("12 + 34 🎆") == 1
    assert share("кошка играет на пианино") == 0
    assert 0 < share("cat кот") < 1
