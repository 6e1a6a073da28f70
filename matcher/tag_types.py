"""What the tagger answers, how it weighs, and what it may have learned."""

from dataclasses import dataclass

from embeddings.encoder import FloatArray

NONE = "none"
"""The label of a text that belongs to no chain."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A text's membership in a chain.

    Attributes:
        segment: Id of the segment that fits best; None when only the chain as a whole fits.
        weight: Probability in [0, 1], uncalibrated; weights of one text add up to 1 at most.
        evidence: Terms that the text uses, most telling first, then codes; where it uses
            none, the term nearest in meaning after ``≈``.
    """

    chain: str
    segment: str | None
    weight: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TagConfig:
    """How evidence adds up.

    Chosen on the 422 labelled texts, each read without the terms that no other text uses,
    coarsely and on a flat optimum; decisions/003-tagging.md has the figures. ``code``,
    ``segment`` and ``also`` were set by judgement: the labels have no codes and no segments;
    ``wordless`` was chosen on 250 further titles as well.

    Attributes:
        title: Weight of a term in the title, per two characters of the term.
        text: Weight of a term in the text, which falls with the text's length.
        read_chars: Length of text up to which a term in it has its full weight.
        meaning: Weight of the nearest terms' mean cosine.
        nearest: How many terms of a chain that mean covers.
        none: Head start of "no chain".
        wordless: What a chain loses when the text uses none of its terms.
        code: Weight of an IPC or GB/T 4754 code of the chain.
        segment: Least nearness, in [-2, 2], of a segment that shares no word with the text;
            the sum of its best term's cosines to the title and to the whole.
        also: Least weight of a second chain.
        quoted: Most terms given as evidence.
    """

    title: float = 1.0
    text: float = 1.0
    read_chars: int = 60
    meaning: float = 16.0
    nearest: int = 5
    none: float = 0.15
    wordless: float = 1.0
    code: float = 3.0
    segment: float = 1.0
    also: float = 0.2
    quoted: int = 5

    def __post_init__(self) -> None:
        if min(self.title, self.text, self.meaning, self.code, self.quoted) < 0:
            raise ValueError(f"weights cannot be negative: {self}")
        if self.nearest < 1 or self.read_chars < 1:
            raise ValueError(f"nearest and read_chars must be at least 1: {self}")


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """A linear model over the features of ``ChainTagger.features``, and how far to trust it.

    Attributes:
        coefficients: (chains + 1, features); zero for a class that was never seen.
        intercepts: (chains + 1,); very low for a class that was never seen.
        share: Weight in [0, 1] beside the definitions.
    """

    coefficients: FloatArray
    intercepts: FloatArray
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What labels taught beside the definitions, and how that was checked.

    Attributes:
        learned: None where the definitions alone do as well.
        labels: How many labelled texts it rests on.
        taught: Weighted share of these texts told right by what the others taught,
            near-copies apart; None where nothing could be compared.
        untaught: The same of the definitions alone, at least 0.75 by the weights; None
            likewise.
    """

    learned: Learned | None
    labels: int
    taught: float | None
    untaught: float | None
