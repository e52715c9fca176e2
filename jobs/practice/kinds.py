"""The kinds of work that a task can be."""

from enum import StrEnum


class Kind(StrEnum):
    """The four sorts. An upgrade's name is its resolution, and the prefix of its tags."""

    GENERATE = "generate"
    EXTEND = "extend"
    UPGRADE_1080P = "1080p"
    UPGRADE_4K = "4k"


UPGRADES = (Kind.UPGRADE_1080P, Kind.UPGRADE_4K)
