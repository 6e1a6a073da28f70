"""Where words begin and end, so that a quoted phrase is made of whole ones."""

import warnings
from functools import cache, lru_cache

with warnings.catch_warnings():
    # its source holds invalid escapes and asks for pkg_resources; both warn on import
    warnings.simplefilter("ignore")
    import jieba


def words(text: str) -> list[str]:
    """The text cut into words and whatever stands between them; joined they give the text."""
    return list(_tokenizer().lcut(text))


@lru_cache(maxsize=256)
def boundaries(text: str) -> frozenset[int]:
    """Places at which a word begins or ends, 0 and ``len(text)`` included."""
    places = [0]
    for word in words(text):
        places.append(places[-1] + len(word))
    return frozenset(places)


@cache
def _tokenizer() -> jieba.Tokenizer:
    """The tokenizer of jieba with its dictionary read directly, in about half a second.

    The way jieba loads it logs to stderr and trusts a cache file under a well-known name
    in the shared temporary folder, which anyone on the machine may have put there.
    """
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer
