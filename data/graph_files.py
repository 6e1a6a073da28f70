"""The city graph on disk: node-link JSON, in the same atomic snapshots as the indexes beside it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.index import IndexManifest
from embeddings.index_files import (
    FORMAT_VERSION,
    Snapshot,
    read_snapshot,
    write_snapshot,
)

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


def save_graph(graph: "nx.MultiDiGraph", folder: Path, mark: GraphMark) -> None:
    """Write the graph; a kill at any moment leaves the old one or the new one.

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
    write_snapshot(folder, manifest, {_FILE: lambda file: file.write(content)}, home=home)


def load_graph(folder: Path) -> tuple["nx.MultiDiGraph", GraphMark]:
    """The saved graph and what it was made from.

    Raises:
        IndexBroken: nothing there, a file is missing, cut short or altered.
        OSError: the folder cannot be read.
    """
    found, _ = read_snapshot(folder, _open)
    return found


def _open(snapshot: Snapshot) -> tuple["nx.MultiDiGraph", GraphMark]:
    from matcher.graph.export import from_node_link

    content = (snapshot.folder / _FILE).read_bytes().decode("utf-8", "surrogatepass")
    mark = GraphMark(
        fingerprint=snapshot.manifest.fingerprint,
        stamp=snapshot.manifest.data_version,
        decisions=int(snapshot.home["decisions"]),
        day=date.fromisoformat(snapshot.home["day"]),
    )
    if mark.version < 0:
        raise ValueError(f"no data version: {mark.stamp}")
    return from_node_link(content), mark
