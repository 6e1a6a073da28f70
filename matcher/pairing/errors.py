"""What can be wrong with a pairing problem."""

from matcher.errors import MatcherError
from matcher.pairing.plan import Notice


class BadProblem(MatcherError):
    """A problem that cannot be meant as it stands; everything that is wrong, at once.

    Attributes:
        faults: What is wrong and what to do, one by one.
    """

    def __init__(self, faults: tuple[Notice, ...]) -> None:
        zh = "；".join(fault.zh for fault in faults)
        en = "; ".join(fault.en for fault in faults)
        super().__init__(f"结对问题有误：{zh} / the pairing problem is wrong: {en}")
        self.faults = faults
