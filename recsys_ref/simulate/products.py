"""What the made-up shop sells: departments, needs, and words for both.

Things that serve the same need are substitutes. Two needs that go with each
other stand as a pair. Several titles have a word in common with the *other* need
of their pair ("bike helmet", "printer ink"), as in real shops.

Book section 6.1.
"""

import numpy as np

# Department: pairs of needs; a need is what its products are called.
DEPARTMENTS = {
    "camping": (
        ("dome tent", "trekking tent", "bivouac", "camping shelter"),
        ("sleeping bag", "bedroll", "camping quilt", "mummy bag"),
        ("camping stove", "gas burner", "portable cooker", "trail stove"),
        ("gas canister", "butane cartridge", "fuel bottle", "propane tank"),
    ),
    "coffee and tea": (
        ("espresso machine", "coffee maker", "percolator", "moka pot"),
        ("coffee beans", "arabica blend", "dark roast", "ground espresso"),
        ("electric kettle", "teapot", "water boiler", "samovar"),
        ("green tea", "herbal infusion", "oolong leaves", "black tea"),
    ),
    "photography": (
        ("mirrorless camera", "digital SLR", "compact camera", "action cam"),
        ("memory card", "SD storage", "flash card", "camera chip"),
        ("photo printer", "inkjet printer", "picture printer", "laser printer"),
        ("ink cartridge", "toner", "printer ink", "color refill"),
    ),
    "cycling": (
        ("road bicycle", "mountain bike", "city cycle", "gravel bike"),
        ("cycling helmet", "bike helmet", "head protector", "safety helmet"),
        ("bicycle lamp", "bike headlight", "rear light", "dynamo light"),
        ("rechargeable batteries", "AA cells", "lithium battery", "power cells"),
    ),
    "baking": (
        ("stand mixer", "hand blender", "dough kneader", "food processor"),
        ("wheat flour", "rye meal", "bread flour", "baking mix"),
        ("cake tin", "muffin pan", "loaf mold", "baking tray"),
        ("parchment paper", "cupcake liners", "greaseproof wrap", "baking sheets"),
    ),
    "garden": (
        ("lawn mower", "grass trimmer", "robot mower", "turf cutter"),
        ("grass seed", "lawn seed", "turf mix", "clover seed"),
        ("garden hose", "watering can", "lawn sprinkler", "irrigation kit"),
        ("tomato plants", "rose bush", "herb seedlings", "flower bulbs"),
    ),
    "painting": (
        ("watercolor set", "acrylic paint", "oil colors", "gouache tubes"),
        ("paint brush", "brush set", "palette knife", "foam applicator"),
        ("easel", "drawing board", "artist stand", "painting table"),
        ("stretched canvas", "sketch pad", "drawing paper", "linen panel"),
    ),
    "music": (
        ("acoustic guitar", "electric guitar", "ukulele", "classical guitar"),
        ("guitar strings", "nylon strings", "steel strings", "string set"),
        ("digital piano", "synthesizer", "keyboard", "electric organ"),
        ("piano bench", "keyboard stand", "music stool", "padded seat"),
    ),
}
STYLES = (
    *("classic", "compact", "premium", "basic", "large", "light", "small", "sturdy"),
    *("blue", "red", "green", "gray", "everyday", "professional", "eco", "new"),
)
NEEDS = 4  # of a department, in two pairs
MOST = len(STYLES) * 4  # different titles of a need


def complements(n_departments: int) -> np.ndarray:
    """Return the other need of each need's pair, `int64[M]`.

    Examples:
        >>> complements(1)
        array([1, 0, 3, 2])
    """
    return np.arange(n_departments * NEEDS) ^ 1


def product_titles(need: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a title for each product: a style, which means nothing, and a name.

    Args:
        need: `int64[I]`, the needs they serve, numbered through all departments.
        rng: Generator of the titles.

    Returns:
        `object[I]`; distinct up to `MOST` products a need.

    Examples:
        >>> product_titles(np.array([0, 0, 31]), np.random.default_rng(0)).tolist()
        ['classic trekking tent', 'large bivouac', 'light padded seat']
    """
    names = [names for needs in DEPARTMENTS.values() for names in needs]
    titles = np.empty(need.size, dtype=object)
    for place in np.unique(need):
        every = [f"{style} {name}" for name in names[place] for style in STYLES]
        mine = need == place
        titles[mine] = np.resize(rng.permutation(every), mine.sum())
    return titles
