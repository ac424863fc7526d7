"""What a KPI means, as a table: the texts of the semantic layer in the reader's language."""

import polars as pl

from dashboards.data import View
from dashboards.i18n import Texts, literal
from pipelines.metrics import Metric

_DETAILS = (
    *("question", "population", "numerator", "denominator"),
    *("exclusions", "null_rule", "time_basis"),
)


def division(texts: Texts, metric: Metric) -> str:
    """Numerator over denominator in words."""
    return texts(
        "card.division",
        numerator=texts.pick(metric.numerator, metric.numerator_zh),
        denominator=texts.pick(metric.denominator, metric.denominator_zh),
    )


def definition_table(view: View, metric: Metric) -> pl.DataFrame:
    """Columns `field` and `value`, ready for `st.table`."""
    texts = view.texts
    facts = {
        texts(f"field.{name}"): texts.pick(getattr(metric, name), getattr(metric, f"{name}_zh"))
        for name in _DETAILS
    }
    facts |= {
        texts("column.code"): metric.name,
        texts("column.unit"): texts(f"units.{metric.unit}"),
        texts("column.direction"): texts(f"direction.{metric.direction}"),
        texts("field.hours_basis"): texts(f"hours.{metric.hours_basis}"),
        texts("field.dimensions"): texts("list.separator").join(
            texts(f"dimension.{d}") for d in metric.dimensions
        ),
        texts("field.owner"): texts.pick(metric.owner, metric.owner_zh),
        texts("field.source"): metric.source,
        texts("field.requirement"): texts("list.separator").join(metric.requirement),
    }
    return pl.DataFrame({"field": list(facts), "value": [literal(text) for text in facts.values()]})
