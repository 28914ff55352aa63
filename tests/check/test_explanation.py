"""The checks of chapter 8.2 let the right answer pass and name typical mistakes."""

from types import SimpleNamespace

import numpy as np
import pytest

from recsys_ref.check import explanation as check
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.split import stratified_split
from recsys_ref.profiles.behaviour import last_events
from recsys_ref.results import load


@pytest.fixture(scope="module")
def asked():
    """EASE by its formula, and the terms of each user's best film as sums."""
    ratings = load_movielens_100k().interactions
    train = stratified_split(ratings, ratio=0.75, seed=42).train
    recent = last_events(train, 10, rng=0)
    x = np.zeros((train.n_users, train.n_items))
    x[train.user, train.item] = 1
    p = np.linalg.inv(x.T @ x + 500 * np.eye(train.n_items))
    b = -p / np.diag(p)
    np.fill_diagonal(b, 0)
    asked = load("explanations")["protocol"]
    own = [np.sort(recent.item[recent.user == user]) for user in asked["users"]]
    parts = [b[items] for items in own]
    counted = [p[:, film] for p, film in zip(parts, asked["first"], strict=True)]
    return SimpleNamespace(x=x, own=own, parts=parts, counted=counted)


def _says(verdict, words, *secrets):
    assert not verdict
    assert words in verdict.message
    for secret in secrets:
        assert secret not in verdict.message


def test_support_agrees_with_a_plain_loop(asked):
    parts = sorted(asked.counted[4].tolist(), reverse=True)
    helps = sum(part for part in parts if part > 0)
    films, reached = 0, 0.0
    while reached < helps / 2:
        reached += parts[films]
        films += 1
    share = parts[0] / helps
    assert check.support(share, films)
    assert check.support(round(share, 2), films)
    for answer, words in (
        ((parts[0] / sum(parts), films), "share of the score"),
        ((parts[0] / sum(map(abs, parts)), films), "whatever its sign"),
        ((share, films - 1), "So few"),
        ((share, films + 1), "Fewer films"),
        ((share, sum(part > 0 for part in parts)), "all films"),
        ((0.9, films), "Add up"),
        (("much", "few"), "shape (2,)"),
        (([0.1, 0.2], 3), "shape (2,)"),
    ):
        _says(check.support(*answer), words, f"{share:.2f}")


def test_two_agrees_with_sums(asked):
    covers, alone, helped = [], [], []
    for parts in asked.counted:
        parts = sorted(parts.tolist(), reverse=True)
        helps = sum(part for part in parts if part > 0)
        covers.append([sum(parts[:n]) / sum(parts) for n in (1, 2, 3)])
        helped.append([sum(parts[:n]) / helps for n in (1, 2, 3)])
        alone.append([part / sum(parts) for part in parts[:3]])
    right = np.median(covers, axis=0)
    assert check.two(right)
    assert check.two(list(right.round(2)))
    secrets = [f"{value:.2f}" for value in right]
    for answer, words in (
        (np.mean(covers, axis=0), "median user"),
        (np.median(alone, axis=0), "second one"),
        (np.median(helped, axis=0), "their share of the score"),
        (right[::-1], "three last"),
        ([0, 0, 0], "largest first"),
        (right[0], "shape (3,)"),
        ("all", "shape (3,)"),
        ({}, "shape (3,)"),
    ):
        _says(check.two(answer), words, *secrets)


def test_many_looks_at_the_film_that_is_named_first(asked):
    passes = np.mean(
        [
            parts[0] > 0 and np.mean(parts[0] > parts[1:]) > 0.5
            for parts in asked.counted
        ]
    )
    lowers = np.mean([parts[0] > 0 for parts in asked.counted])
    first = np.mean([parts.argmax() == 0 for parts in asked.counted])
    three = np.mean([(parts > parts[0]).sum() < 3 for parts in asked.counted])
    assert check.many(passes)
    for answer, words in (
        (1.0, "grounded"),
        (lowers, "not enough"),
        (first, "counted most"),
        (three, "one of the three"),
        (0.01, "one sentence a user"),
        ("all", "single number"),
        ([passes], "single number"),
        (None, "one sentence a user"),
    ):
        _says(check.many(answer), words, f"{passes:.2f}", f"{passes:.3f}")


def test_other_agrees_with_inner_products(asked):
    vectors = asked.x.T @ np.random.default_rng(0).normal(size=(943, 16))
    vectors -= vectors.mean(axis=0)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    right, three, old = [], [], []
    for own, parts, counted in zip(asked.own, asked.parts, asked.counted, strict=True):
        scores = unit @ vectors[own].sum(axis=0)
        scores[own] = -np.inf
        film = scores.argmax()
        of_text = vectors[own] @ unit[film]
        cited = parts[:, film].argmax()
        right.append(of_text.argmax() == cited)
        three.append((of_text > of_text[cited]).sum() < 3)
        old.append(of_text.argmax() == counted.argmax())
    right = np.mean(right)
    assert check.other(right, vectors)
    for answer, words in (
        (1.0, "always right"),
        (np.mean(three), "one of three"),
        (0.9, "adds most by EASE"),
        ("often", "single number"),
        ([right], "single number"),
    ):
        _says(check.other(answer, vectors), words, f"{right:.2f}")
    if abs(np.mean(old) - right) > 0.01:
        _says(check.other(np.mean(old), vectors), "own best film")
    for wrong in (None, "vectors", vectors[:5], np.full((1682, 2), np.nan)):
        _says(check.other(right, wrong), "Hand over")
