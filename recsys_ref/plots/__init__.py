"""The book's figures, one function each.

Each takes arrays, draws one message and returns the axes, so that a test or
a cell beside it can assert what the picture shows.
"""

from recsys_ref.plots.cold_users import overtaking
from recsys_ref.plots.comparison import (
    against_chance,
    bars,
    by_amount,
    compare_distributions,
    curves,
    dots,
    interval_plot,
)
from recsys_ref.plots.experiments import against_truth, attraction_map, over_rounds
from recsys_ref.plots.explanation import (
    fluent_and_faithful,
    likeness_and_weight,
    passing,
    waterfall,
)
from recsys_ref.plots.interactions import (
    WAITS,
    arrivals,
    interaction_matrix,
    long_tail,
    split_panels,
    waiting_times,
)
from recsys_ref.plots.language import (
    against_limits,
    chance_bars,
    learning_curves,
    written_lines,
)
from recsys_ref.plots.multimodal import gallery, spectrograms
from recsys_ref.plots.news import share_by_age
from recsys_ref.plots.pareto import forest, pareto
from recsys_ref.plots.plan import pipeline
from recsys_ref.plots.privacy import (
    attack_curves,
    budget_panels,
    evidence_rows,
    singling_out,
)
from recsys_ref.plots.social import policy_panels
from recsys_ref.plots.style import COLOURS, use_style
from recsys_ref.plots.trade_off import trade_off
from recsys_ref.plots.vectors import catalogue_map, clouds, matrices
