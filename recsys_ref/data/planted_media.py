"""Generated posters and sounds that give a genre away: synthetic, always.

MovieLens has no pictures and no sound. These are drawn by rules, so that what
they say of a film's genres is known exactly: with probability `strength` a
film looks (and sounds) like one of its own genres, else like any genre at
random. What a recommender gets from them says whether the pipeline works, and
nothing about real posters or soundtracks.

Book section 8.3.
"""

import numpy as np

from recsys_ref.data.checks import check_whole_number

SHAPES = ("disc", "square", "stripes", "rings")
FIRST_PITCH = 150.0  # Hz, of genre 0; each genre is a bit higher


def planted_looks(
    genres: np.ndarray, *, strength: float, rng: np.random.Generator | int
) -> np.ndarray:
    """Draw the genre that each film's poster or sound is made of.

    Args:
        genres: `bool[I, G]`. A film without any draws from all.
        strength: Chance, in [0, 1], that it is drawn from the film's own
            genres; else it is drawn from all G, all equally likely.
        rng: Seed or generator.

    Returns:
        `int64[I]`. With g own genres the chance that it is one of them is
        `strength` + (1 - `strength`) g / G.

    Raises:
        ValueError: If `genres` is no `bool[I, G]` or `strength` is out of its
            range.

    Examples:
        >>> planted_looks(np.eye(3, dtype=bool), strength=1.0, rng=0)
        array([0, 1, 2])
    """
    genres = np.asarray(genres)
    if genres.ndim != 2 or genres.dtype != bool or not genres.shape[1]:
        raise ValueError(
            f"genres: must be bool[I, G], got {genres.dtype} of shape {genres.shape}"
        )
    if not 0 <= strength <= 1:
        raise ValueError(f"strength: must be in [0, 1], got {strength}")
    rng = np.random.default_rng(rng)
    told = rng.random(len(genres)) < strength
    pool = np.where(told[:, None] & genres.any(axis=1, keepdims=True), genres, True)
    draw = np.where(pool, rng.random(genres.shape), -1.0)
    return draw.argmax(axis=1)


def planted_posters(
    looks: np.ndarray, *, size: int = 32, rng: np.random.Generator | int
) -> np.ndarray:
    """Draw a small poster for each film, by its look.

    A look has a hue and a shape (a disc, a square, stripes or rings). Where
    the shape stands, how large it is, how bright the poster is and the grain
    are drawn for each film.

    Args:
        looks: `int64[I]`, at least 0, as from `planted_looks`.
        size: Side, in pixels, at least 8.
        rng: Seed or generator.

    Returns:
        `uint8[I, size, size, 3]`, synthetic.

    Raises:
        ValueError: If `looks` or `size` is out of its range.
    """
    looks = _checked(looks)
    check_whole_number("size", size, 8)
    rng = np.random.default_rng(rng)
    y, x = np.indices((size, size)) / size
    posters = np.empty((len(looks), size, size, 3), dtype=np.uint8)
    for poster, look in zip(posters, looks, strict=True):
        across, down = rng.uniform(0.35, 0.65, 2)
        radius, phase = rng.uniform(0.2, 0.3), rng.uniform(0, 1)
        away = np.hypot(x - across, y - down)
        shape = {
            "disc": away < radius,
            "square": np.maximum(abs(x - across), abs(y - down)) < radius,
            "stripes": np.sin(2 * np.pi * (4 * x + phase)) > 0,
            "rings": np.sin(2 * np.pi * (5 * away + phase)) > 0,
        }[SHAPES[look % len(SHAPES)]]
        hue = _color(look * 0.618034 % 1)  # golden section: neighbors differ
        light = rng.uniform(0.5, 1.0)
        color = np.where(shape[..., None], light * hue, 0.25 * light * (1 - hue))
        grain = rng.normal(0, 0.08, (size, size, 1))
        poster[:] = np.clip(255 * (color + grain), 0, 255)
    return posters


def planted_sounds(
    looks: np.ndarray,
    *,
    rate: int = 8000,
    seconds: float = 1.0,
    rng: np.random.Generator | int,
) -> np.ndarray:
    """Play a short sound for each film, by its look.

    A look has a pitch, a timbre (which overtones there are) and a tempo (beats
    a second). The key is off by up to a semitone, the beat begins anywhere,
    and there is noise.

    Args:
        looks: `int64[I]`, at least 0, as from `planted_looks`.
        rate: Samples a second, Hz.
        seconds: Length.
        rng: Seed or generator.

    Returns:
        `float32[I, rate * seconds]`, within -1 and 1, synthetic.

    Raises:
        ValueError: If `looks` or `rate` is out of its range, or there is less
            than one sample.
    """
    looks = _checked(looks)
    check_whole_number("rate", rate, 1)
    rng = np.random.default_rng(rng)
    length = round(rate * seconds)
    check_whole_number("rate * seconds", length, 1)
    time = np.arange(length) / rate
    sounds = np.empty((len(looks), length), dtype=np.float32)
    for sound, look in zip(sounds, looks, strict=True):
        pitch = FIRST_PITCH * 2 ** (look / 6 + rng.uniform(-1, 1) / 12)
        overtones = np.arange(1, 4 + look % 3)
        loud = overtones ** -(0.5 + look % 2)
        tone = loud @ np.sin(2 * np.pi * pitch * overtones[:, None] * time)
        beat = (2 + look % 5) * (time + rng.uniform(0, 1)) % 1
        wave = tone / loud.sum() * np.exp(-4 * beat)
        sound[:] = np.clip(0.7 * wave + rng.normal(0, 0.05, length), -1, 1)
    return sounds


def _color(hue: float) -> np.ndarray:
    """Return the pure color of a hue, `float64[3]` from 0 to 1."""
    return np.clip(abs((hue * 6 + np.array([0.0, 4.0, 2.0])) % 6 - 3) - 1, 0, 1)


def _checked(looks: np.ndarray) -> np.ndarray:
    looks = np.asarray(looks)
    if looks.ndim != 1 or looks.dtype.kind not in "iu" or (looks < 0).any():
        raise ValueError("looks: must be int[I], at least 0")
    return looks
