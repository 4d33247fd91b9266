"""What the public may learn of a record."""

import pytest

from api.db.registry import public_name


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("demo", "demo"),
        ("zai-org/CogVideoX-2b", "zai-org/CogVideoX-2b"),
        ("/srv/private/customer-a/tuned", "tuned"),
    ],
)
def test_a_local_folder_is_named_without_its_path(model: str, name: str) -> None:
    assert public_name(model) == name
