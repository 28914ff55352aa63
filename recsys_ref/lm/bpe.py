"""The learning step of byte-pair encoding. Book section 5.1."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise

Pair = tuple[int, int]


def merge_pair(word: Sequence[int], pair: Pair, merged: int) -> list[int]:
    """Replace each occurrence of a pair by one token, from the left.

    Examples:
        >>> merge_pair([1, 1, 1, 2], (1, 1), 9)
        [9, 1, 2]
    """
    out: list[int] = []
    place = 0
    while place < len(word):
        if tuple(word[place : place + 2]) == pair:
            out.append(merged)
            place += 2
        else:
            out.append(word[place])
            place += 1
    return out


def learn_merges(
    counts: Mapping[bytes, int], alphabet: Sequence[bytes], size: int, min_count: int
) -> tuple[list[bytes], list[Pair]]:
    """Merge the most frequent pair of neighbours until there are enough tokens.

    Only words that hold the merged pair are looked at again, and a heap whose
    entries may be out of date gives the next pair: counts of known pairs only
    fall, so an entry that is too high is put back with its true count.

    Args:
        counts: How often each word occurs.
        alphabet: The first tokens, one a byte.
        size: How many tokens are wanted, the alphabet included.
        min_count: How often a pair must occur to be merged.

    Returns:
        The tokens, by id, and the merged pairs of ids, in order. Ties go to
        the smallest pair of ids. A pair may make a token that is there
        already; it then gets no new id.

    Examples:
        >>> tokens, merges = learn_merges({b"aba": 3}, [b"a", b"b"], 4, 2)
        >>> tokens, merges
        ([b'a', b'b', b'ab', b'aba'], [(0, 1), (2, 0)])
    """
    tokens = list(alphabet)
    ids = {token: place for place, token in enumerate(tokens)}
    words = [[ids[bytes([byte])] for byte in word] for word in counts]
    weights = list(counts.values())
    pairs: Counter[Pair] = Counter()
    homes: dict[Pair, set[int]] = defaultdict(set)  # the words that hold a pair
    for number, word in enumerate(words):
        for pair in pairwise(word):
            pairs[pair] += weights[number]
            homes[pair].add(number)
    heap = [(-count, pair) for pair, count in pairs.items()]
    heapify(heap)
    merges: list[Pair] = []
    while heap and len(tokens) < size:
        claimed, pair = heappop(heap)
        if pairs[pair] != -claimed:  # out of date
            if pairs[pair] > 0:
                heappush(heap, (-pairs[pair], pair))
            continue
        if pairs[pair] < min_count:
            break
        joined = tokens[pair[0]] + tokens[pair[1]]
        if joined not in ids:
            ids[joined] = len(tokens)
            tokens.append(joined)
        merges.append(pair)
        fresh: set[Pair] = set()
        for number in homes.pop(pair):
            after = merge_pair(words[number], pair, ids[joined])
            for old in pairwise(words[number]):
                pairs[old] -= weights[number]
            for new in pairwise(after):
                pairs[new] += weights[number]
                homes[new].add(number)
                if ids[joined] in new:
                    fresh.add(new)
            words[number] = after
        for new in fresh:
            heappush(heap, (-pairs[new], new))
    return tokens, merges
