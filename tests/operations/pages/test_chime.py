"""The sound that tells of news is ours: made by a program, and made again the same."""

from tests.tools import chime


def test_the_sound_is_what_its_program_makes() -> None:
    assert chime.FILE.read_bytes() == chime.made()
