"""The city graph on disk: node-link JSON, in the same atomic snapshots as the indexes beside it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from data.prepared_files import read_prepared, writers
from embeddings.index import IndexManifest
from embeddings.index_files import (
    FORMAT_VERSION,
    Snapshot,
    Writer,
    read_snapshot,
    write_snapshot,
)
from matcher.graph.prepared import Prepared

if TYPE_CHECKING:
    import networkx as nx

_FILE = "graph.json"


@dataclass(frozen=True, slots=True)
class GraphMark:
    """What a city graph was made from.

    Attributes:
        fingerprint: Of chains, tagger and schema; another one means another graph.
        stamp: State of the database (``data.versions.stamp``).
        decisions: How many decisions it saw; they are only ever added.
        day: The day on which its needs were open.
    """

    fingerprint: str
    stamp: str
    decisions: int
    day: date

    @property
    def version(self) -> int:
        """The data version within the stamp."""
        return int(self.stamp.split("/")[1])


def save_graph(graph: "nx.MultiDiGraph", prepared: Prepared, folder: Path, mark: GraphMark) -> None:
    """Write the graph and its parts; a kill at any moment leaves the old ones or the new ones.

    Raises:
        IndexBusy: another process keeps saving into the folder.
        OSError: the disk is full or the folder cannot be written; the old graph stays.
    """
    from matcher.graph.export import node_link

    content = node_link(graph).encode("utf-8", "surrogatepass")
    manifest = IndexManifest(
        fingerprint=mark.fingerprint,
        data_version=mark.stamp,
        kind="graph",
        dim=0,
        count=len(graph),
        format_version=FORMAT_VERSION,
    )
    home = {"decisions": mark.decisions, "day": mark.day.isoformat()}
    files: dict[str, Writer] = {_FILE: lambda file: file.write(content)}
    write_snapshot(folder, manifest, files | writers(prepared), home=home)


def load_mark(folder: Path) -> tuple[GraphMark, int]:
    """What the saved graph was made from, and how many nodes it has; it is not read itself.

    Raises:
        IndexBroken: nothing there, a file is missing, cut short or altered.
        OSError: the folder cannot be read.
    """
    mark, manifest = read_snapshot(folder, _mark)
    return mark, manifest.count


def load_graph(folder: Path) -> tuple["nx.MultiDiGraph", Prepared, GraphMark]:
    """The saved graph, its parts, and what it was made from.

    Raises:
        IndexBroken: nothing there, a file is missing, cut short or altered.
        OSError: the folder cannot be read.
    """
    found, _ = read_snapshot(folder, _open)
    return found


def load_parts(folder: Path) -> tuple[Prepared, GraphMark]:
    """The parts of the saved graph and what it was made from; the graph itself is not read.

    Raises:
        IndexBroken: nothing there, a file is missing, cut short or altered.
        OSError: the folder cannot be read.
    """
    found, _ = read_snapshot(folder, lambda one: (read_prepared(one.folder), _mark(one)))
    return found


def _open(snapshot: Snapshot) -> tuple["nx.MultiDiGraph", Prepared, GraphMark]:
    from matcher.graph.export import from_node_link

    content = (snapshot.folder / _FILE).read_bytes().decode("utf-8", "surrogatepass")
    graph = from_node_link(content)
    return graph, read_prepared(snapshot.folder), _mark(snapshot)


def _mark(snapshot: Snapshot) -> GraphMark:
    mark = GraphMark(
        fingerprint=snapshot.manifest.fingerprint,
        stamp=snapshot.manifest.data_version,
        decisions=int(snapshot.home["decisions"]),
        day=date.fromisoformat(snapshot.home["day"]),
    )
    if mark.version < 0:
        raise ValueError(f"no data version: {mark.stamp}")
    return mark
