"""A made-up folder in the format of HetRec-2011 Last.fm, bad lines included.

Users, artists and friendships are invented. It shows what the reader does
where the real folder is not at hand. Book section 6.2.
"""

from pathlib import Path

import numpy as np

from recsys_ref.data.social import synthetic_friendships

TAGS = ("metal", "ambient", "pop", "jazz", "folk", "hip-hop")
DAY_MS = 86_400_000
SPRING_2009_MS = 1_238_536_800_000  # 1 April 2009, as the official example has it


def write_hetrec_example(
    folder: Path | str,
    *,
    n_users: int = 60,
    n_artists: int = 90,
    homophily: float = 0.7,
    bad_lines: bool = True,
    rng: np.random.Generator | int,
) -> None:
    r"""Write the six files, UTF-8 but for the tags, with `\r\n` line ends.

    Every user has one favorite of six tags and listens mostly to artists of
    that tag; friends share the favorite by `homophily`. Ids have gaps, as in
    the real files.

    Args:
        folder: Where to write. It must be there.
        n_users: Users with ten listening counts each, at least 12.
        n_artists: Artists, at least 60.
        homophily: See `data.social.synthetic_friendships`.
        bad_lines: Whether to add lines that a reader must not trust: a field
            missing or too many, a blank line, an unknown artist, user or tag,
            a count that is negative or no number, a line twice, a friend of
            himself, a byte that is no UTF-8, a time before 1970.
        rng: Seed or generator of everything.

    Raises:
        ValueError: If there are too few users or artists.

    References:
        Form by the readme of hetrec2011-lastfm-2k; book section 6.2.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_hetrec_example(folder, rng=0)
        ...     sorted(path.name for path in Path(folder).iterdir())
        ['artists.dat', 'tags.dat', 'user_artists.dat', 'user_friends.dat',
        'user_taggedartists-timestamps.dat', 'user_taggedartists.dat']
    """
    if n_users < 12 or n_artists < 60:
        raise ValueError(
            "n_users, n_artists: must be at least 12 and 60, got "
            f"{n_users} and {n_artists}"
        )
    rng = np.random.default_rng(rng)
    users = 2 + 3 * np.arange(n_users)
    artists = 1 + np.arange(n_artists) + np.arange(n_artists) // 14  # 15 is missing
    genre, favorite = np.arange(n_artists) % len(TAGS), np.arange(n_users) % len(TAGS)
    table: dict[str, list[str]] = {
        "artists.dat": ["id\tname\turl\tpictureURL"],
        "tags.dat": ["tagID\ttagValue"],
        "user_artists.dat": ["userID\tartistID\tweight"],
        "user_friends.dat": ["userID\tfriendID"],
        "user_taggedartists.dat": ["userID\tartistID\ttagID\tday\tmonth\tyear"],
        "user_taggedartists-timestamps.dat": ["userID\tartistID\ttagID\ttimestamp"],
    }
    for place, artist in enumerate(artists):
        name = f"The {TAGS[genre[place]].title()} Örchestra {artist}"
        picture = "" if place % 20 == 7 else f"http://pictures.example/{artist}.jpg"
        table["artists.dat"].append(
            f"{artist}\t{name}\thttp://music.example/{artist}\t{picture}"
        )
    table["tags.dat"] += [f"{number}\t{tag}" for number, tag in enumerate(TAGS, 1)]
    table["tags.dat"].append(f"{len(TAGS) + 1}\tfrançais")
    for place, user in enumerate(users):
        likes = np.where(genre == favorite[place], 12.0, 1.0)
        chosen = rng.choice(n_artists, 10, replace=False, p=likes / likes.sum())
        for rank, artist in enumerate(chosen):
            weight = int(rng.geometric(1 / (900 / (1 + rank))))
            table["user_artists.dat"].append(f"{user}\t{artists[artist]}\t{weight}")
        for artist in chosen[:3]:
            day = int(rng.integers(28))
            event = f"{user}\t{artists[artist]}\t{genre[artist] + 1}"
            table["user_taggedartists.dat"].append(f"{event}\t{day + 1}\t4\t2009")
            time = SPRING_2009_MS + day * DAY_MS
            table["user_taggedartists-timestamps.dat"].append(f"{event}\t{time}")
    friends = synthetic_friendships(
        favorite, mean_degree=6, homophily=homophily, rng=rng
    )
    for first, second in users[friends.edges]:
        table["user_friends.dat"] += [f"{first}\t{second}", f"{second}\t{first}"]
    if bad_lines:
        _spoil(table, artists, users)
    for name, lines in table.items():
        encoding = "latin-1" if name == "tags.dat" else "utf-8"
        text = "".join(line + "\r\n" for line in lines)
        # The surrogate becomes the single byte 0xF6, "ö" in Latin-1.
        Path(folder, name).write_bytes(text.encode(encoding, "surrogateescape"))


def _spoil(table: dict[str, list[str]], artists: np.ndarray, users: np.ndarray) -> None:
    """Add bad lines, in place."""
    first, artist, stranger = users[0], artists[0], artists[-1] + 1_000
    table["artists.dat"] += [
        f"{artist}\tThe Same Id Again\thttp://music.example/x\t",
        f"{stranger + 1}\tBr\udcf6tchen\thttp://music.example/y\t",
        f"{stranger + 2}\tNo Picture Field\thttp://music.example/z",
    ]
    table["user_artists.dat"] += [
        f"{first}\t{artist}",
        f"{first}\t{artist}\t3\t4",
        "",
        f"{first}\t{stranger}\t12",
        f"{first}\t{artist}\t-5",
        f"{first}\t{artist}\tmany",
        table["user_artists.dat"][1],
    ]
    assignments = table["user_taggedartists-timestamps.dat"]
    assignments += [
        f"{first}\t{artist}\t999\t{SPRING_2009_MS}",
        assignments[1],
    ]
    assignments[1] = assignments[1].rpartition("\t")[0] + "\t-428720400000"
    table["user_friends.dat"] += [
        f"{first}\t{first}",
        f"{first}\t999999",
        table["user_friends.dat"][1],
    ]
