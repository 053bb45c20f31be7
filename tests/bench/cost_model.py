"""What photos cost beyond what was measured: lines through the measured points, and published formulae.

All grows as fixed + each * photos. What is said of more photos than were measured is extrapolated, and prices
are assumptions.
"""

import math
from collections.abc import Sequence

import msgspec
import numpy as np

DAY = 24.0  # hours
SECTOR = 4096  # bytes
LINKS = 32  # of a node in the HNSW graph that finds the lists of IVF


class Point(msgspec.Struct, frozen=True):
    """One measurement."""

    photos: int
    value: float


class Line(msgspec.Struct, frozen=True):
    """fixed + each * photos, neither of which is negative."""

    fixed: float
    each: float

    def at(self, photos: float) -> float:
        return self.fixed + self.each * photos

    def reaches(self, value: float) -> float:
        """With how many photos it is `value`; 0 where it is more without any."""
        return max(0.0, value - self.fixed) / self.each if self.each else math.inf


def fitted(points: Sequence[Point]) -> Line:
    """The line with the least squares of relative errors, so that a small library counts like a large one."""
    photos = np.array([point.photos for point in points], float)
    values = np.array([point.value for point in points], float)
    terms = np.column_stack([1 / values, photos / values])  # what becomes 1
    found = np.linalg.lstsq(terms * [1, 1 / photos.max()], np.ones(len(points)), rcond=None)[0]
    fixed, each = found[0], found[1] / photos.max()
    if each < 0:
        fixed, each = terms[:, 0].sum() / (terms[:, 0] ** 2).sum(), 0.0
    elif fixed < 0:
        fixed, each = 0.0, terms[:, 1].sum() / (terms[:, 1] ** 2).sum()
    return Line(float(fixed), float(each))


class Measured(msgspec.Struct, frozen=True):
    """What `tests.bench.costs` found."""

    dim: int
    megabytes: float  # of a photo's file
    stages: dict[str, float]  # seconds of a core for a photo
    text: float  # seconds of a core to encode a query
    thumbnail: float  # bytes of a photo's
    database: list[Point]  # bytes
    memory: list[Point]  # bytes of the resident vectors, in float16 and in 8 bits
    ranking: list[Point]  # seconds of a core for a query, its text known
    load: float
    machine: str


class Assumed(msgspec.Struct, frozen=True):
    """What nobody measured."""

    cores: int = 16  # of a node, each as fast as the one that was measured
    memory_gb: float = 128  # of a node
    usable: float = 0.8  # of its memory, for vectors
    bandwidth: float = 100  # GB a second that all its cores together read from memory
    node_hour: float = 1.1  # dollars
    gb_month: float = 0.1  # dollars, of a solid-state drive
    wait: float = 0.2  # seconds that ranking may take
    code: int = 64  # bytes of a vector in IVF-PQ and in DiskANN's memory
    degree: int = 64  # of DiskANN's graph


class Prediction(msgspec.Struct, frozen=True):
    """A library of so many photos."""

    photos: int
    index_core_hours: float
    index_nodes: int  # so that it is done within a day
    index_hours: float
    index_dollars: float
    disk_gb: float
    disk_dollars_a_month: float
    resident_gb: float  # of exact ranking
    resident_nodes: int
    ranking_ms: float  # on all cores of these nodes
    ivf_pq_lists: int
    ivf_pq_gb: float
    diskann_gb: float  # memory
    diskann_disk_gb: float


def stages_of(measured: Measured, encoder: str) -> dict[str, float]:
    """The stages that a photo goes through, with one of the two encoders."""
    return {
        name: took for name, took in measured.stages.items() if name in ("read", "decode", "store", encoder)
    }


def predict(photos: int, measured: Measured, assumed: Assumed, encoder: str = "encode") -> Prediction:
    """
    Args:
        encoder: "encode", or "encode in 8 bits"
    """
    core_hours = photos * sum(stages_of(measured, encoder).values()) / 3600
    nodes = max(1, math.ceil(core_hours / (assumed.cores * DAY)))
    hours = core_hours / (assumed.cores * nodes)
    disk = (fitted(measured.database).at(photos) + photos * measured.thumbnail) / 1e9
    resident = fitted(measured.memory).at(photos) / 1e9
    resident_nodes = max(1, math.ceil(resident / (assumed.memory_gb * assumed.usable)))
    ranking = max(
        fitted(measured.ranking).at(photos) / assumed.cores,
        photos * measured.dim / (assumed.bandwidth * 1e9),  # of vectors in 8 bits
    )
    lists = ivf_lists(photos)
    return Prediction(
        photos=photos,
        index_core_hours=core_hours,
        index_nodes=nodes,
        index_hours=hours,
        index_dollars=nodes * hours * assumed.node_hour,
        disk_gb=disk,
        disk_dollars_a_month=disk * assumed.gb_month,
        resident_gb=resident,
        resident_nodes=resident_nodes,
        ranking_ms=ranking / resident_nodes * 1e3,
        ivf_pq_lists=lists,
        ivf_pq_gb=ivf_pq_bytes(photos, measured.dim, lists, assumed.code) / 1e9,
        diskann_gb=photos * assumed.code / 1e9,
        diskann_disk_gb=photos * diskann_disk_bytes(measured.dim, assumed.degree) / 1e9,
    )


def most_resident(measured: Measured, assumed: Assumed) -> int:
    """The most photos that one node ranks exactly, in its memory and within the time."""
    by_memory = fitted(measured.memory).reaches(assumed.memory_gb * assumed.usable * 1e9)
    by_time = fitted(measured.ranking).reaches(assumed.wait * assumed.cores)
    return int(min(by_memory, by_time, assumed.wait * assumed.bandwidth * 1e9 / measured.dim))


def ivf_lists(photos: int) -> int:
    """Source: the wiki of FAISS, "Guidelines to choose an index"."""
    for most, lists in ((10**7, 65_536), (10**8, 262_144)):
        if photos < most:
            return lists
    return 1_048_576


def ivf_pq_bytes(photos: int, dim: int, lists: int, code: int) -> int:
    """A code and an id of 8 bytes for each vector; a centroid in float32, with its links, for each list.

    Source: the wiki of FAISS, "Faiss indexes" (code + 8 bytes a vector) and "Guidelines to choose an index"
    (4 * dim + 8 * links bytes a vector of HNSW).
    """
    return photos * (code + 8) + lists * (4 * dim + 8 * LINKS)


def diskann_disk_bytes(dim: int, degree: int) -> float:
    """Bytes of a drive for a vector: itself in float32 and its neighbours' numbers, in whole sectors.

    Source: Subramanya et al. 2019 (DiskANN); the layout is that of its code.
    """
    node = 4 * dim + 4 * (degree + 1)
    return SECTOR / (SECTOR // node) if node <= SECTOR else SECTOR * math.ceil(node / SECTOR)
