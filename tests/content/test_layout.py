"""Maps: against scikit-learn, on figures whose map is known, under rounding."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from recsys_ref.content.layout import pca_layout, spectral_layout

both = pytest.mark.parametrize("layout", [pca_layout, spectral_layout])


def grouped(n_groups, each=30, dimensions=40, noise=0.1, seed=0):
    """Groups around directions at right angles, and the group of each row."""
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.repeat(np.arange(n_groups), each))
    centres = np.eye(dimensions)[group]
    return centres + noise * rng.normal(size=centres.shape), group


def kept(vectors, places, k=10):
    """Return the share of the k nearest that stay so on the map."""
    before = NearestNeighbors(n_neighbors=k, metric="cosine").fit(vectors)
    after = NearestNeighbors(n_neighbors=k).fit(places)
    pairs = zip(
        before.kneighbors(return_distance=False),
        after.kneighbors(return_distance=False),
        strict=True,
    )
    return np.mean([len(np.intersect1d(a, b)) / k for a, b in pairs])


def test_the_pca_map_is_that_of_scikit_learn_up_to_sign():
    vectors = np.random.default_rng(1).normal(size=(50, 6)) * [5, 4, 3, 2, 1, 1] + 7
    peer = PCA(2).fit_transform(vectors)
    ours = pca_layout(vectors)
    np.testing.assert_allclose(np.abs(ours), np.abs(peer), atol=1e-9)
    assert ours.dtype == np.float64


def test_a_circle_becomes_a_closed_curve_in_its_order():
    """The Laplacian of a ring has sine and cosine for eigenvectors."""
    rng = np.random.default_rng(2)
    angle = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    plane = np.linalg.qr(rng.normal(size=(30, 2)))[0]
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1) @ plane.T
    shuffled = rng.permutation(80)
    places = spectral_layout(ring[shuffled], neighbours=6)[np.argsort(shuffled)]
    radius = np.linalg.norm(places, axis=1)
    assert radius.min() / radius.max() > 0.7
    turn = np.unwrap(np.arctan2(*places.T))
    steps = np.diff(turn)
    assert (steps > 0).all() or (steps < 0).all()
    assert abs(turn[-1] - turn[0]) == pytest.approx(2 * np.pi * 79 / 80, rel=0.02)


def test_three_groups_are_three_places():
    vectors, group = grouped(3)
    places = spectral_layout(vectors)
    centres = np.array([places[group == each].mean(axis=0) for each in range(3)])
    nearest = ((places[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == group).all()


def test_the_spectral_map_keeps_more_neighbours_than_the_pca_map():
    rng = np.random.default_rng(3)
    vectors = np.cumsum(rng.normal(size=(300, 20)), axis=0)  # a winding path
    share = {
        each: kept(vectors, each(vectors)) for each in (pca_layout, spectral_layout)
    }
    assert share[spectral_layout] > share[pca_layout]


def test_the_axes_are_eigenvectors_of_the_walk_along_the_ties():
    vectors, _ = grouped(2, each=12, noise=0.4)
    places, k = spectral_layout(vectors, neighbours=5), 5
    n, units = len(vectors), vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    ties = np.full((n, n), 0.01 / n)
    for a in range(n):
        squares = [2 - 2 * units[a] @ units[b] for b in range(n)]
        border = sorted(squares)[k]  # the first is the row itself
        for b in range(n):
            share = 1.0 if a == b else max(0.0, 1 - squares[b] / border)
            ties[a, b] += share
            ties[b, a] += share
    walk = ties / ties.sum(axis=1, keepdims=True)
    values = np.sort(np.linalg.eigvals(walk).real)[::-1]
    for column, value in zip(places.T, values[1:3], strict=True):
        np.testing.assert_allclose(walk @ column, value * column, atol=1e-9)
        assert np.abs(column).max() == pytest.approx(1)


@both
def test_rounding_does_not_change_the_map(layout):
    vectors, _ = grouped(5, noise=0.3)
    vectors[:25] = vectors[0]  # twins, more than neighbours
    places = layout(vectors)
    rng = np.random.default_rng(4)
    for _ in range(5):
        nudged = vectors * (1 + 1e-9 * rng.normal(size=vectors.shape))
        assert np.abs(layout(nudged) - places).max() < 1e-5
    np.testing.assert_allclose(places[:25], places[:1].repeat(25, 0), atol=1e-6)


@both
def test_the_order_of_the_rows_moves_no_place_but_to_its_mirror(layout):
    vectors, _ = grouped(3, noise=0.3)
    order = np.random.default_rng(5).permutation(len(vectors))
    there, back = layout(vectors)[order], layout(vectors[order])
    np.testing.assert_allclose(np.abs(there), np.abs(back), atol=1e-6)


def test_lengths_do_not_matter_to_the_spectral_map_but_to_the_pca_map():
    vectors, _ = grouped(3)
    scaled = vectors * np.random.default_rng(6).uniform(1, 9, (len(vectors), 1))
    np.testing.assert_allclose(
        spectral_layout(scaled), spectral_layout(vectors), atol=1e-6
    )
    assert np.abs(pca_layout(scaled) - pca_layout(vectors)).max() > 1


@both
def test_equal_vectors_share_one_place(layout):
    assert (layout(np.full((20, 4), 0.1, dtype=np.float32)) == 0).all()
    assert (layout(np.zeros((20, 4))) == 0).all()


@both
def test_vectors_of_zeros_have_a_place(layout):
    vectors, _ = grouped(2)
    vectors[[3, 9]] = 0
    places = layout(vectors)
    assert np.isfinite(places).all()
    np.testing.assert_allclose(places[3], places[9], atol=1e-9)


def test_a_line_has_no_second_direction():
    places = pca_layout(np.outer([1.0, 2.0, 4.0], [3.0, 4.0]))
    assert places[:, 1].tolist() == [0, 0, 0]
    np.testing.assert_allclose(np.diff(places[:, 0]), [-5, -10])


def test_fewer_rows_than_neighbours_are_all_neighbours():
    vectors = np.random.default_rng(7).normal(size=(5, 3))
    np.testing.assert_array_equal(
        spectral_layout(vectors, neighbours=99), spectral_layout(vectors, neighbours=4)
    )


@pytest.mark.parametrize(
    ("layout", "vectors", "message"),
    [
        (pca_layout, np.ones((0, 3)), "vectors: need at least 1, got"),
        (spectral_layout, np.ones((2, 3)), "vectors: need at least 3, got"),
        (pca_layout, np.array([[np.nan]]), "vectors: must be finite"),
        (spectral_layout, np.ones(3), "vectors: must have shape"),
    ],
)
def test_bad_vectors_are_named(layout, vectors, message):
    with pytest.raises(ValueError, match=message):
        layout(vectors)


def test_one_neighbour_is_too_few():
    with pytest.raises(ValueError, match="neighbours: must be a whole number of at le"):
        spectral_layout(np.eye(4), neighbours=1)
