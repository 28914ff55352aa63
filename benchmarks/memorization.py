"""What SmolLM2-135M remembers of MovieLens: years, titles, rows, ratings.

    python benchmarks/memorization.py

writes `recsys_ref/results/memorization.json`.

300 films are drawn, 100 from each third of the catalog by number of ratings. Every
probe has a control that is right by guessing only:

- Years: log p of each year from 1922 to 1998 after the title, asked in plain words
  and in the form of the files. The model's own habit (its mean over the other
  films) is divided out and the frequency of the years among the other films put in
  its place, so that what is compared with that frequency is what the title adds.
  Controls: the same scores with the years shuffled among the films, and the same
  question when the prompt has told the year, which the probe must see.
- Titles: the second half, word for word, after the first. Control: first and second
  halves of different titles.
- Rows of the files, word for word, after three rows as examples: MovieLens-100K's
  `u.item` and `u.user`, MovieLens-1M's `movies.dat`.
- Ratings: the stars of a row of `u.data` after five other rows, by likelihood among
  1 to 5, against the commonest star; and the next row, word for word.

Nothing is tuned. Shares carry Wilson's interval, differences a paired bootstrap.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import protocol
from protocol import digits, interval, wilson
from scipy.stats import rankdata
from tqdm import tqdm

from recsys_ref.data.item_text import natural_title
from recsys_ref.data.items import Items
from recsys_ref.data.movielens import MovieLens, load_movielens_100k
from recsys_ref.data.movielens_ids import NO_ID, later_ids
from recsys_ref.lm.memorization import invented_titles, recited, tree_log_likelihood
from recsys_ref.lm.pretrained import load_causal
from recsys_ref.lm.scoring import log_likelihood
from recsys_ref.lm.text_model import TextModel

SEED, PER_THIRD, ROWS, SHUFFLES = 0, 100, 100, 200
THIRDS = ("most rated", "middle", "least rated")
FIRST, LAST = 1922, 1998
FORMS = {
    "plain": lambda title, year: f"Film: {natural_title(title)}\nYear: ",
    "file": lambda title, year: (
        "MovieID::Title::Genres\n"
        "1::Toy Story (1995)::Animation|Children's|Comedy\n"
        f"2::{title} ("
    ),
    "told": lambda title, year: (
        f"{natural_title(title)} ({year:.0f})\n\nFilm: {natural_title(title)}\nYear: "
    ),
}
STARS = [str(star) for star in range(1, 6)]


def drawn_films(data: MovieLens) -> np.ndarray:
    """Draw films from each third by number of ratings: `int64[3, PER_THIRD]`."""
    items = data.items
    counts = np.bincount(data.interactions.item, minlength=len(items))
    _, first = np.unique(items.title, return_index=True)
    usable = np.intersect1d(first, np.flatnonzero(~np.isnan(items.year)))
    usable = usable[items.title[usable] != "Toy Story"]  # the example of a form
    ordered = usable[np.argsort(-counts[usable], kind="stable")]
    rng = np.random.default_rng(SEED)
    thirds = np.array_split(ordered, len(THIRDS))
    return np.stack([np.sort(rng.choice(t, PER_THIRD, replace=False)) for t in thirds])


def year_scores(
    model: TextModel, items: Items, form: Callable[[str, float], str]
) -> np.ndarray:
    """Score each year after each title: `float64[N, years]`, log p, normalized."""
    years = [str(year) for year in range(FIRST, LAST + 1)]
    scores = np.array(
        [
            tree_log_likelihood(model, form(title, year), years)
            for title, year in tqdm(
                zip(items.title, items.year, strict=True), total=len(items)
            )
        ]
    )
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def others_mean(values: np.ndarray) -> np.ndarray:
    """Mean over all rows but one's own: `float64[N, M]` of the same."""
    return (values.sum(axis=0) - values) / (len(values) - 1)


def calibrated(scores: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """Divide the model's habit out, put the frequency in: `float64[N, years]`."""
    return scores - np.log(others_mean(np.exp(scores))) + np.log(frequency)


def reciprocal_ranks(scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """1 / rank of each row's true column; ties share their mean rank."""
    ranks = rankdata(-scores, axis=1)
    return 1 / ranks[np.arange(len(truth)), truth]


def shuffled_years(scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Mean reciprocal rank of a film when the years are shuffled: `float64[N]`."""
    rng = np.random.default_rng(SEED)
    runs = [reciprocal_ranks(scores, rng.permutation(truth)) for _ in range(SHUFFLES)]
    return np.mean(runs, axis=0)


def share(hits: Sequence[bool]) -> dict[str, float]:
    """Bound a share by Wilson's interval, with 95 %."""
    low, high = map(digits, wilson(hits))
    return {"mean": digits(np.mean(hits)), "low": low, "high": high, "n": len(hits)}


def year_probe(model: TextModel, data: MovieLens, films: np.ndarray) -> dict:
    """Ask for the years of all drawn films, in each form."""
    items, flat = data.items, films.ravel()
    truth = items.year[flat].astype(int) - FIRST
    known = items.year[~np.isnan(items.year)].astype(int) - FIRST
    everyone = np.bincount(known, minlength=LAST - FIRST + 1)[None] + 0.5
    frequency = np.repeat(everyone, len(flat), axis=0)
    frequency[np.arange(len(flat)), truth] -= 1  # of the other films
    by_frequency = reciprocal_ranks(frequency, truth)
    found = {"reciprocal_rank_of_frequency": digits(by_frequency.mean())}
    hit = frequency.argmax(axis=1) == truth
    found["right_by_frequency"] = share(hit)
    for name, form in FORMS.items():
        raw = year_scores(model, items.select(flat), form)
        scores = calibrated(raw, frequency)
        ours = reciprocal_ranks(scores, truth)
        fair = calibrated(raw, everyone)  # a film's own year counts for all alike
        own, control = reciprocal_ranks(fair, truth), shuffled_years(fair, truth)
        groups = {"all": np.arange(len(flat))} | {
            third: np.arange(PER_THIRD) + PER_THIRD * place
            for place, third in enumerate(THIRDS)
        }
        found[name] = {
            "right_by_model": share(raw.argmax(axis=1) == truth),
            "right_calibrated": share(scores.argmax(axis=1) == truth),
            "within_one_year_by_model": share(abs(raw.argmax(axis=1) - truth) <= 1),
            "reciprocal_rank_by_model": digits(reciprocal_ranks(raw, truth).mean()),
            "reciprocal_rank": {g: digits(ours[i].mean()) for g, i in groups.items()},
            "shuffled": {g: digits(control[i].mean()) for g, i in groups.items()},
            "minus_shuffled": {
                g: interval(own[i], control[i]) for g, i in groups.items()
            },
            "minus_frequency": {
                g: interval(ours[i], by_frequency[i]) for g, i in groups.items()
            },
            "likeliest": (raw.argmax(axis=1) + FIRST).tolist(),
        }
    return found


def title_probe(model: TextModel, data: MovieLens, films: np.ndarray) -> dict:
    """Ask for the second halves of titles, and of invented ones."""
    found = {}
    for third, rows in zip(THIRDS, films, strict=True):
        titles = [natural_title(title) for title in data.items.title[rows]]
        found[third] = share(
            [second_half(model, t) for t in titles if len(t.split()) > 2]
        )
    everyone = [natural_title(title) for title in data.items.title]
    long = [title for title in everyone if len(title.split()) > 2]
    made = invented_titles(long, PER_THIRD, rng=SEED)
    return found | {"invented": share([second_half(model, t) for t in made])}


def second_half(model: TextModel, title: str) -> bool:
    """Tell whether the model recites the second half of a title's words."""
    words = title.split()
    half = len(words) // 2
    first, second = " ".join(words[:half]), " ".join(words[half:])
    return recited(model, f"Film: {first}", f" {second}\n")


def row_probes(model: TextModel, data: MovieLens, films: np.ndarray) -> dict:
    """Ask for rows of the files after three others, word for word."""
    items, users, rng = data.items, data.users, np.random.default_rng(SEED)
    later = later_ids(items)
    names = [f"{t} ({y:.0f})" for t, y in zip(items.title, items.year, strict=True)]
    small = [(f"{i}|", f"{name}|") for i, name in zip(items.ids, names, strict=True)]
    large = [(f"{i}::", f"{name}::") for i, name in zip(later, names, strict=True)]
    people = [
        (f"{u.Index}|", f"{u.age}|{u.gender}|{u.occupation}|{u.zip_code}\n")
        for u in users.to_frame().itertuples()
    ]
    flat = films.ravel()
    have = flat[later[flat] != NO_ID]
    strangers = np.arange(3, len(users))
    drawn = {
        "u.item": (small, rng.choice(flat[flat > 2], ROWS, replace=False), ""),
        "movies.dat": (
            large,
            rng.choice(have[have > 2], ROWS, replace=False),
            "MovieID::Title::Genres\n",
        ),
        "u.user": (people, rng.choice(strangers, ROWS, replace=False), ""),
    }
    found = {}
    for name, (rows, chosen, header) in drawn.items():
        examples = "\n".join(f"{a}{b}".strip() for a, b in rows[:3])
        asked = [(f"{header}{examples}\n{rows[i][0]}", rows[i][1]) for i in chosen]
        found[name] = share([recited(model, *row) for row in tqdm(asked, desc=name)])
    return found


def rating_probe(model: TextModel, data: MovieLens) -> dict:
    """Ask for the stars of rows of `u.data`, and for the next row."""
    events = data.interactions
    rng = np.random.default_rng(SEED)
    lines = [
        (f"{events.user_ids[user]}\t{events.item_ids[item]}\t", int(value), time)
        for user, item, value, time in zip(
            events.user, events.item, events.value, events.timestamp, strict=True
        )
    ]
    places = rng.choice(np.arange(5, len(lines)), 2 * ROWS, replace=False)
    stars, guesses, rows = [], [], []
    for place in tqdm(places, desc="u.data"):
        before = "".join(f"{key}{s}\t{t}\n" for key, s, t in lines[place - 5 : place])
        key, star, time = lines[place]
        scores = log_likelihood(model, before + key, STARS)
        guesses.append(int(scores.argmax()) + 1)
        stars.append(star)
        rows.append(recited(model, before, f"{key}{star}\t{time}\n"))
    stars, guesses = np.array(stars), np.array(guesses)
    common = np.bincount(events.value.astype(int)).argmax()
    shuffled = np.mean([guesses == rng.permutation(stars) for _ in range(SHUFFLES)], 0)
    return {
        "right": share(guesses == stars),
        "right_by_commonest": share(stars == common),
        "minus_shuffled": interval(guesses == stars, shuffled),
        "next_row": share(rows),
    }


def popularity_probe(model: TextModel, data: MovieLens, films: np.ndarray) -> dict:
    """Correlate a title's likelihood with how often the film was rated (Spearman)."""
    counts = np.bincount(data.interactions.item, minlength=len(data.items))
    flat = films.ravel()
    titles = [f" {natural_title(title)}" for title in data.items.title[flat]]
    likely = [
        log_likelihood(model, "A film:", [title], normalize="tokens")[0]
        for title in tqdm(titles, desc="titles")
    ]
    ranks = rankdata(likely), rankdata(counts[flat])
    rng = np.random.default_rng(SEED)
    draws = [rng.integers(len(flat), size=len(flat)) for _ in range(2_000)]
    values = [np.corrcoef(ranks[0][d], ranks[1][d])[0, 1] for d in draws]
    low, high = np.quantile(values, [0.025, 0.975])
    return {
        "mean": digits(np.corrcoef(*ranks)[0, 1]),
        "low": digits(low),
        "high": digits(high),
    }


def collect() -> dict:
    """Do everything; return what the file holds."""
    data, model = load_movielens_100k(), load_causal()
    films = drawn_films(data)
    return {
        "protocol": {
            "model": model.name,
            "films": films.tolist(),
            "thirds": list(THIRDS),
            "years": [FIRST, LAST],
            "seed": SEED,
            "shuffles": SHUFFLES,
        },
        "years": year_probe(model, data, films),
        "titles": title_probe(model, data, films),
        "rows": row_probes(model, data, films),
        "ratings": rating_probe(model, data),
        "title_likelihood_and_popularity": popularity_probe(model, data, films),
    }


def report(results: Mapping) -> str:
    """Lay every probe beside its control."""

    def line(name: str, value: Mapping[str, float]) -> str:
        return (
            f"{name:44}{value['mean']:8.3f} [{value['low']:.3f}, {value['high']:.3f}]"
        )

    years = results["years"]
    lines = [line("year right, by frequency", years["right_by_frequency"])]
    for form in FORMS:
        lines += [
            line(f"{form}: {name.replace('_', ' ')}", years[form][name])
            for name in (
                "right_by_model",
                "within_one_year_by_model",
                "right_calibrated",
            )
        ]
        for name in ("minus_shuffled", "minus_frequency"):
            lines += [
                line(
                    f"{form}: reciprocal rank {name.replace('_', ' ')}, {third}", value
                )
                for third, value in years[form][name].items()
            ]
    lines += [line(f"second half, {n}", v) for n, v in results["titles"].items()]
    lines += [line(f"row of {n}", v) for n, v in results["rows"].items()]
    lines += [line(f"u.data: {n}", v) for n, v in results["ratings"].items()]
    name = "title_likelihood_and_popularity"
    return "\n".join([*lines, line("likelihood and popularity", results[name])])


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
