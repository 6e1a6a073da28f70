"""The prepared parts of a city graph on disk, as files of the snapshot that holds the graph."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from scipy import sparse

from embeddings.index_files import Writer
from matcher.graph.prepared import RANKED, Prepared
from matcher.graph.ranking import WalkParts
from matcher.graph.schema import NodeKind
from matcher.graph.supply import Supply, SupplyTable

if TYPE_CHECKING:
    import networkx as nx

_SUPPLY = "supply.json"


def writers(prepared: Prepared, graph: "nx.MultiDiGraph") -> dict[str, Writer]:
    """File name to what writes it.

    Args:
        prepared: Parts of the graph.
        graph: Its nodes are saved in their order; walks name them by place.
    """
    places = {name: place for place, name in enumerate(graph)}
    walks = {
        _walk(towards): partial(_write_walk, parts, places)
        for towards, parts in prepared.walks.items()
    }
    return {**walks, _SUPPLY: partial(_write_table, prepared.table)}


def read_prepared(folder: Path, graph: "nx.MultiDiGraph") -> Prepared:
    """The parts that ``writers`` wrote into a folder.

    Raises:
        FileNotFoundError: a file is missing.
        LookupError, TypeError, ValueError: a file does not say what it should.
    """
    names = list(graph)
    walks = {towards: _read_walk(folder / _walk(towards), names) for towards in RANKED}
    return Prepared(walks, _read_table(folder / _SUPPLY))


def _walk(towards: NodeKind) -> str:
    return f"walk-{towards}.npz"


def _write_walk(parts: WalkParts, places: Mapping[str, int], file: BinaryIO) -> None:
    np.savez(
        file,
        nodes=np.array([places[name] for name in parts.nodes], np.int64),
        data=parts.weights.data,
        indices=parts.weights.indices,
        indptr=parts.weights.indptr,
    )


def _read_walk(path: Path, names: list[str]) -> WalkParts:
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        nodes = [names[place] for place in file["nodes"].tolist()]
        cells = (file["data"], file["indices"], file["indptr"])
    return WalkParts(nodes, sparse.csr_array(cells, shape=(len(nodes), len(nodes))))


def _write_table(table: SupplyTable, file: BinaryIO) -> None:
    by_place = {
        place: {name: [s.achievements, s.recent, s.strength] for name, s in offered.items()}
        for place, offered in table.by_place.items()
    }
    text = json.dumps({"since": table.since, "by_place": by_place}, ensure_ascii=False)
    file.write(text.encode("utf-8", "surrogatepass"))


def _read_table(path: Path) -> SupplyTable:
    plain = json.loads(path.read_bytes().decode("utf-8", "surrogatepass"))
    return SupplyTable(
        plain["since"],
        {
            place: {name: Supply(*supply) for name, supply in offered.items()}
            for place, offered in plain["by_place"].items()
        },
    )
