"""Social data: who is a friend of whom, read, synthesised and measured.

MovieLens has no friendships. Those that this book gives its users are made by
`synthetic_friendships`, and every table of them says so. Book section 3.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from recsys_ref.data.checks import plural
from recsys_ref.data.columns import distinct_ids, frozen_matrix
from recsys_ref.data.raw import read_table
from recsys_ref.data.report import CleaningReport, Sieve

HETREC_HEADER = ("userID", "friendID")


@dataclass(frozen=True, eq=False)
class Relations:
    """An immutable, undirected graph of U users and E friendships.

    Attributes:
        edges: `int64[E, 2]`, user indices, each pair once, the smaller index
            first, sorted.
        user_ids: `U` distinct ids as the source wrote them.
        source: Where the edges come from; "synthetic" if they are made up.

    Raises:
        ValueError: If an index is outside [0, U), a user is his own friend or
            a pair occurs twice, in either direction.

    Examples:
        >>> friends = Relations([[2, 0], [0, 1]], ["ann", "bob", "eve"], "synthetic")
        >>> friends
        Relations(synthetic, 3 users, 2 edges)
        >>> friends.neighbours(0)
        array([1, 2])
        >>> friends.adjacency().toarray()
        array([[0., 1., 1.],
               [1., 0., 0.],
               [1., 0., 0.]])
    """

    edges: np.ndarray
    user_ids: pd.Index
    source: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "user_ids", distinct_ids("user_ids", self.user_ids))
        edges = np.asarray(self.edges, dtype=np.int64).reshape(-1, 2)
        if edges.size and not 0 <= edges.min() <= edges.max() < self.n_users:
            raise ValueError(
                f"edges: every index must be in [0, {self.n_users}), "
                f"got {edges.min()} to {edges.max()}"
            )
        loops = edges[edges[:, 0] == edges[:, 1]]
        if loops.size:
            raise ValueError(f"edges: user index {loops[0, 0]} is his own friend")
        distinct = np.unique(np.sort(edges, axis=1), axis=0)
        if len(distinct) < len(edges):
            twice = plural(len(edges) - len(distinct), "edge")
            raise ValueError(f"edges: must be distinct pairs, got {twice} again")
        distinct.flags.writeable = False
        object.__setattr__(self, "edges", distinct)

    @property
    def n_users(self) -> int:
        """U, users in the vocabulary, with or without friends."""
        return len(self.user_ids)

    def __len__(self) -> int:
        return len(self.edges)

    def __repr__(self) -> str:
        return (
            f"Relations({self.source}, {plural(self.n_users, 'user')}, "
            f"{plural(len(self), 'edge')})"
        )

    @cached_property
    def _adjacency(self) -> csr_array:
        first, second = self.edges.T
        ends = np.concatenate([first, second]), np.concatenate([second, first])
        matrix = csr_array(
            (np.ones(2 * len(self)), ends), shape=(self.n_users, self.n_users)
        )
        matrix.sort_indices()
        return frozen_matrix(matrix)

    def adjacency(self) -> csr_array:
        """View the graph as a symmetric `float64[U, U]`, made once, read-only."""
        return self._adjacency

    @property
    def degree(self) -> np.ndarray:
        """`int64[U]`, the number of friends of each user."""
        return np.diff(self._adjacency.indptr).astype(np.int64)

    def neighbours(self, user: int) -> np.ndarray:
        """Return the friends of one user, `int64[F]`, ascending.

        Raises:
            KeyError: If `user` is not an index in [0, U).
        """
        if not 0 <= user < self.n_users:
            raise KeyError(f"user: must be in [0, {self.n_users}), got {user}")
        start, stop = self._adjacency.indptr[[user, user + 1]]
        return self._adjacency.indices[start:stop].astype(np.int64)


def read_hetrec_friends(
    path: Path | str, user_ids: Sequence
) -> tuple[Relations, CleaningReport]:
    r"""Read the friendships of HetRec-2011 Last.fm, `user_friends.dat`.

    A header, then two user ids on each line with a tab between; the file
    lists each friendship once from either side. A friendship that is listed
    from one side only counts too.

    Args:
        path: The file.
        user_ids: The users wanted, such as `Interactions.user_ids`.

    Returns:
        The friendships between those users, and the report: of the lines
        dropped and why, by line number, the second mention of a friendship
        included.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the first line is not the header.

    References:
        Cantador, Brusilovsky and Kuflik (2011),
        https://grouplens.org/datasets/hetrec-2011/; by its readme there are
        12,717 friendships on 25,434 lines. Book section 3.1.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "user_friends.dat")
        ...     _ = path.write_text("userID\tfriendID\n2\t275\n275\t2\n2\t9\n")
        ...     friends, report = read_hetrec_friends(path, [2, 275])
        >>> friends
        Relations(HetRec-2011 Last.fm, 2 users, 1 edge)
        >>> report
        CleaningReport(3 rows in, 1 out: 1 user not in user_ids, 1 friendship
        listed before)
    """
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        header = tuple(file.readline().split())
    if header != HETREC_HEADER:
        raise ValueError(f"{path}, line 1: must be {HETREC_HEADER}, got {header}")
    frame, lines = read_table(path, HETREC_HEADER, header=True)
    ids = distinct_ids("user_ids", user_ids)
    texts = pd.Index([str(name) for name in ids])
    sieve = Sieve(
        pd.DataFrame(
            {side: texts.get_indexer(frame[side]) for side in HETREC_HEADER},
            index=frame.index,
        )
    )
    sieve.drop("user not in user_ids", (sieve.frame < 0).any(axis=1))
    sieve.drop("user is his own friend", sieve.frame.userID == sieve.frame.friendID)
    pairs = pd.DataFrame(np.sort(sieve.frame, axis=1))
    sieve.drop("friendship listed before", pairs.duplicated())
    edges = Relations(sieve.frame.to_numpy(), ids, "HetRec-2011 Last.fm")
    return edges, lines.then(sieve.report())


def synthetic_friendships(
    labels: Sequence,
    *,
    mean_degree: float,
    homophily: float,
    rng: np.random.Generator | int,
    user_ids: Sequence | None = None,
) -> Relations:
    r"""Make friendships up, more of them within groups than chance would give.

    The number of edges is fixed. Each falls within a group with probability

    .. math:: s = m + h (1 - m), \qquad m = W / \tbinom{U}{2},

    where h is `homophily`, W the number of pairs within groups and m so the
    share under random mixing; then a pair is drawn that has no edge yet. So
    the expected share of edges within groups is s. A user may be left without
    friends.

    Args:
        labels: `[U]`, the group of each user.
        mean_degree: Friends of a user on average, in (0, U - 1]; the number of
            edges is `U * mean_degree / 2`, rounded.
        homophily: From 0, friends regardless of group, to 1, friends only
            within groups.
        rng: Seed or generator of the draws.
        user_ids: `U` ids. Default: 0 to U - 1.

    Returns:
        Relations whose source is "synthetic". Costs O(U^2) time and memory.

    Raises:
        ValueError: If `homophily` or `mean_degree` is out of range, or there
            are fewer pairs of a kind than edges drawn.

    References:
        The planted partition model with a fixed number of edges; book
        section 3.1.

    Examples:
        >>> groups = np.arange(200) % 4
        >>> friends = synthetic_friendships(
        ...     groups, mean_degree=10, homophily=0.5, rng=0)
        >>> friends
        Relations(synthetic, 200 users, 1,000 edges)
        >>> edge_homophily(friends, groups)
        EdgeHomophily(share=0.603, random_share=0.246, coefficient=0.473)
    """
    group = np.unique(np.asarray(labels), return_inverse=True)[1]
    if not 0 <= homophily <= 1:
        raise ValueError(f"homophily: must be in [0, 1], got {homophily}")
    if not 0 < mean_degree <= group.size - 1:
        raise ValueError(
            f"mean_degree: must be in (0, {group.size - 1}], got {mean_degree}"
        )
    rng = np.random.default_rng(rng)
    pairs = np.stack(np.triu_indices(group.size, k=1), axis=1)
    same = group[pairs[:, 0]] == group[pairs[:, 1]]
    n_edges = round(group.size * mean_degree / 2)
    share = same.mean() + homophily * (1 - same.mean())
    n_within = rng.binomial(n_edges, share)
    drawn = []
    for kind, rows, wanted in (
        ("within", np.flatnonzero(same), n_within),
        ("between", np.flatnonzero(~same), n_edges - n_within),
    ):
        if wanted > rows.size:
            raise ValueError(
                f"mean_degree: {wanted:,} edges {kind} groups were drawn, but there "
                f"are {plural(rows.size, 'pair')}"
            )
        drawn.append(rng.choice(rows, wanted, replace=False))
    ids = pd.RangeIndex(group.size) if user_ids is None else user_ids
    return Relations(pairs[np.concatenate(drawn)], ids, "synthetic")


@dataclass(frozen=True)
class EdgeHomophily:
    """How much more friends share a label than chance would have it.

    Attributes:
        share: Edges between users of one label, over all edges; NaN without
            edges.
        random_share: The same over all pairs of users: what `share` would be
            if the edges were drawn regardless of labels. NaN without pairs.
    """

    share: float
    random_share: float

    @property
    def coefficient(self) -> float:
        """0 at random mixing, 1 if all edges are within; NaN if all pairs are.

        Of `synthetic_friendships` its expectation is `homophily`.
        """
        room = 1 - self.random_share
        return (self.share - self.random_share) / room if room else float("nan")

    def __repr__(self) -> str:
        return (
            f"EdgeHomophily(share={self.share:.3f}, "
            f"random_share={self.random_share:.3f}, "
            f"coefficient={self.coefficient:.3f})"
        )


def edge_homophily(relations: Relations, labels: Sequence) -> EdgeHomophily:
    """Measure the share of edges whose two users have one label.

    Args:
        relations: E edges between U users.
        labels: `[U]`, one a user.

    Raises:
        ValueError: If there is not one label a user.

    References:
        Newman (2003), https://arxiv.org/abs/cond-mat/0209450, whose
        coefficient also holds each user's degree fixed; book section 3.1.

    Examples:
        >>> friends = Relations([[0, 1], [2, 3], [0, 2]], range(4), "synthetic")
        >>> edge_homophily(friends, ["a", "a", "b", "b"])
        EdgeHomophily(share=0.667, random_share=0.333, coefficient=0.500)
    """
    labels = np.asarray(labels)
    if labels.shape != (relations.n_users,):
        raise ValueError(
            f"labels: must have shape [{relations.n_users}], got {labels.shape}"
        )
    first, second = labels[relations.edges.T]
    share = float((first == second).mean()) if len(relations) else float("nan")
    counts = np.unique(labels, return_counts=True)[1]
    n_pairs = labels.size * (labels.size - 1)
    within = float((counts * (counts - 1)).sum())
    return EdgeHomophily(share, within / n_pairs if n_pairs else float("nan"))
