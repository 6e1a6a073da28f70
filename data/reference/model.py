"""One city's reference facts, and the questions that importers and pages ask of them."""

from dataclasses import dataclass
from functools import cached_property

from data.reference.names import NameTable
from matcher.chain import County, IndustryChain, OutsideField

_CHAIN_ENDINGS = ("", "产业链", "产业", "链", "chain", "industry", "industry chain")
_COUNTY_ENDINGS = ("市", "县", "区", "City", "County", "District")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrlLevel:
    """A technology readiness level, 1 (principle observed) to 9 (proven in operation)."""

    level: int
    name_zh: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The chains, counties and readiness levels of one city.

    Attributes:
        trl_levels: Levels 1 to 9, in order.
        prefixes: What may stand before a county's name, such as ``浙江省金华市``.
        outside: Fields that none of the chains covers.
    """

    chains: tuple[IndustryChain, ...]
    counties: tuple[County, ...]
    trl_levels: tuple[TrlLevel, ...]
    prefixes: tuple[str, ...] = ()
    outside: tuple[OutsideField, ...] = ()

    def find_chain(self, name: str) -> str | None:
        """Id of the chain with this id, Chinese or English name or alias; None if there is none.

        Width, case, blanks, punctuation and an ending such as ``产业链`` make no difference.
        """
        return self._chain_names.find(name)

    def find_county(self, name: str) -> str | None:
        """Id of the county with this id, Chinese or English name or alias; None if there is none.

        Width, case, blanks and punctuation make no difference. The county's own 市, 县 or 区
        may be left out, and the province and city may stand in front; another county's
        ending (``永康县`` for ``永康市``) is not accepted.
        """
        return self._county_names.find(name)

    def nearest_chains(self, name: str) -> list[str]:
        """Chinese names of at most three chains that were perhaps meant, best first.

        Segments and keywords count too: ``动力电池`` suggests the chain that makes them.
        Nothing is suggested where nothing looks alike.
        """
        return self._chain_names.nearest(name)

    def nearest_counties(self, name: str) -> list[str]:
        """Chinese names of at most three counties that were perhaps meant, best first."""
        return self._county_names.nearest(name)

    def chain_name(self, chain_id: str) -> str:
        """The chain's Chinese name; an id that is no longer known is returned as it is."""
        return self._chain_names.label(chain_id)

    def county_name(self, county_id: str) -> str:
        """The county's Chinese name; an id that is no longer known is returned as it is."""
        return self._county_names.label(county_id)

    @cached_property
    def _chain_names(self) -> NameTable:
        return NameTable(
            {chain.id: forms_of_chain(chain) for chain in self.chains},
            hints={
                chain.id: [*chain.keywords, *(s.name_zh for s in chain.segments)]
                for chain in self.chains
            },
            labels={chain.id: chain.name_zh for chain in self.chains},
        )

    @cached_property
    def _county_names(self) -> NameTable:
        return NameTable(
            {county.id: forms_of_county(county, self.prefixes) for county in self.counties},
            hints={},
            labels={county.id: county.name_zh for county in self.counties},
        )


def forms_of_chain(chain: IndustryChain) -> list[str]:
    """Every way to write the chain's name."""
    names = (chain.id, chain.name_zh, chain.name_en, *chain.aliases)
    return [f"{name} {ending}".strip() for name in names if name for ending in _CHAIN_ENDINGS]


def forms_of_county(county: County, prefixes: tuple[str, ...]) -> list[str]:
    """Every way to write the county's name."""
    full = (county.id, county.name_zh, county.name_en, *county.aliases)
    short = [name.removesuffix(ending).strip() for name in full for ending in _COUNTY_ENDINGS]
    return [prefix + name for prefix in ("", *prefixes) for name in (*full, *short) if name]
