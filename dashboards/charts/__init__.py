"""Charts by kind. Each has a sentence that says the same, and a table.

What is drawn is asked for by the pages, in `dashboards.rows` and the modules beside it.
"""

from dashboards.charts.bars import bars, differences, funnel, pareto, parts_over_time, shares
from dashboards.charts.base import Switch
from dashboards.charts.dots import FunnelPlot, dumbbell, funnel_plot, quadrant_plot
from dashboards.charts.flows import Flow, sankey
from dashboards.charts.heat import Grid, heat
from dashboards.charts.lines import day_curve, trend

__all__ = [
    "Flow",
    "FunnelPlot",
    "Grid",
    "Switch",
    "bars",
    "day_curve",
    "differences",
    "dumbbell",
    "funnel",
    "funnel_plot",
    "heat",
    "pareto",
    "parts_over_time",
    "quadrant_plot",
    "sankey",
    "shares",
    "trend",
]
