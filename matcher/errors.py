"""Everything the matcher can complain about; each message says what to do next."""


class MatcherError(Exception):
    """Base of the family; the edges turn it into an exit code or a status."""


class UnknownDocument(MatcherError):
    """A document id that the corpus does not hold."""

    def __init__(self, document_id: str) -> None:
        super().__init__(
            f"语料中没有 {document_id!r}，请先载入。"
            f" / no document {document_id!r} in the corpus; load it first"
        )
        self.document_id = document_id


class EmptyQuery(MatcherError):
    """A query without a single letter, digit or ideograph."""

    def __init__(self, query_id: str) -> None:
        super().__init__(
            f"查询 {query_id!r} 没有可匹配的文字，请写明技术问题。"
            f" / query {query_id!r} has no words to match; describe the technical problem"
        )
        self.query_id = query_id


class BadRanker(MatcherError):
    """A ranker that cannot be used.

    Attributes:
        zh: What is wrong, in Chinese.
        en: What is wrong, in English.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(
            f"排序模型不可用：{zh}。请用 yilian train 重新训练，或 --roll-back 退回。"
            f" / the ranker cannot be used: {en}; train again or roll back (yilian train)"
        )
        self.zh = zh
        self.en = en


class TooLittleToLearn(MatcherError):
    """Judgements from which nothing can be learned.

    Attributes:
        pairs: Judged pairs there are.
        levels: Different levels among them.
    """

    def __init__(self, pairs: int, levels: int) -> None:
        super().__init__(
            f"评判太少：{pairs} 对、{levels} 种等级；至少需要 10 对、两种等级。"
            f" / too little to learn from: {pairs} judged pairs of {levels} levels;"
            " at least 10 pairs of two levels are needed"
        )
        self.pairs = pairs
        self.levels = levels
