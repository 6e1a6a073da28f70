"""Where the graph can help and where it cannot: sorts of need, and how good the tags are."""

import numpy as np

from evaluation.simulation_city import City
from evaluation.simulation_view import CityTags


def kinds_of(city: City, tags: CityTags, row: int) -> list[str]:
    """Sorts of need that a need belongs to: by its tag, its enterprise, and what is on offer."""
    place, _ = city.asked[row]
    field, read = city.fields[place], tags.needs[row][:1]
    if field.segment is None:
        told = "outside_tagged" if read else "outside_untagged"
    elif not read:
        told = "chain_untagged"
    elif read[0].chain != field.industry:
        told = "chain_mistaken"
    else:
        told = "segment_right" if read[0].segment == field.segment.id else "segment_mistaken"
    enterprises = {one.enterprise for one in city.cooperations}
    partners = city.needs[row].organization in enterprises
    offers = sum(offered == place for offered, _ in city.offered)
    usual = len(city.offered) / len(city.fields)
    return [
        f"tag: {told}",
        f"enterprise: {'has' if partners else 'no'} partners",
        f"supply: {'many' if offers > usual else 'few'}",
    ]


def tagged_right(city: City, tags: CityTags) -> tuple[float, float]:
    """Share of postings given the right chain or none, and of those on a chain the segment."""
    chains, segments = [], []
    pairs = ((tags.needs, city.asked), (tags.achievements, city.offered))
    for found, subjects in pairs:
        for read, (place, _) in zip(found, subjects, strict=True):
            field = city.fields[place]
            own = None if field.segment is None else field.industry
            chains.append((read[0].chain if read else None) == own)
            if field.segment is not None:
                segments.append(bool(read) and read[0].segment == field.segment.id)
    return float(np.mean(chains)), float(np.mean(segments))
