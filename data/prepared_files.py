"""The prepared parts of a city graph on disk, as files of the snapshot that holds the graph."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from scipy import sparse

from embeddings.index_files import Writer
from matcher.graph.export import from_node_link, node_link
from matcher.graph.prepared import RANKED, Prepared
from matcher.graph.ranking import WalkParts
from matcher.graph.schema import NodeKind
from matcher.graph.standing import Standing
from matcher.graph.supply import Supply, SupplyTable

_SUPPLY = "supply.json"
_CORE = "core.json"
_POSTINGS = "postings.json"
_LINKS = "links.npz"
_ARRAYS = ("starts", "ends", "relations", "weights")


def writers(prepared: Prepared) -> dict[str, Writer]:
    """File name to what writes it; walks name a node by its place, the core's first."""
    standing = prepared.standing
    places = {name: place for place, name in enumerate([*standing.core, *standing.names])}
    walks = {
        _walk(towards): partial(_write_walk, parts, places)
        for towards, parts in prepared.walks.items()
    }
    return {
        **walks,
        _SUPPLY: partial(_write_table, prepared.table),
        _CORE: lambda file: file.write(_encoded(node_link(standing.core))),
        _POSTINGS: lambda file: file.write(_encoded(_json(list(standing.names)))),
        _LINKS: partial(_write_links, standing),
    }


def read_prepared(folder: Path) -> Prepared:
    """The parts that ``writers`` wrote into a folder.

    Raises:
        FileNotFoundError: a file is missing.
        LookupError, TypeError, ValueError: a file does not say what it should.
    """
    standing = _read_standing(folder)
    names = [*standing.core, *standing.names]
    walks = {towards: _read_walk(folder / _walk(towards), names) for towards in RANKED}
    return Prepared(walks, _read_table(folder / _SUPPLY), standing)


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
    file.write(_encoded(_json({"since": table.since, "by_place": by_place})))


def _read_table(path: Path) -> SupplyTable:
    plain = json.loads(_decoded(path))
    return SupplyTable(
        plain["since"],
        {
            place: {name: Supply(*supply) for name, supply in offered.items()}
            for place, offered in plain["by_place"].items()
        },
    )


def _write_links(standing: Standing, file: BinaryIO) -> None:
    arrays = {name: getattr(standing, name) for name in _ARRAYS}
    np.savez(file, **arrays)


def _read_standing(folder: Path) -> Standing:
    core = from_node_link(_decoded(folder / _CORE))
    names = json.loads(_decoded(folder / _POSTINGS))
    with (folder / _LINKS).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        standing = Standing(core, names, **{name: file[name] for name in _ARRAYS})
    if len(standing.starts) != len(names) + 1 or standing.starts[-1] != len(standing.ends):
        raise ValueError(f"{len(names)} postings, {len(standing.starts) - 1} with links")
    return standing


def _json(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=False)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decoded(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogatepass")
