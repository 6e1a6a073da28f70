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
