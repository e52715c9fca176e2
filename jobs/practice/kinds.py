"""The kinds of work that a task can be."""

from enum import StrEnum


class TaskKind(StrEnum):
    """The four sorts. An upgrade's name is its resolution, and the prefix of its tags."""

    GENERATE = "generate"
    EXTEND = "extend"
    UPGRADE_1080P = "1080p"
    UPGRADE_4K = "4k"


UPGRADES = (TaskKind.UPGRADE_1080P, TaskKind.UPGRADE_4K)
