"""FRTB's weights and correlations as data files: each names its paragraph, and reproduces the text's own figures.

Figures of the text: Basel Committee, Minimum capital requirements for market risk, January 2019 (MAR21 table 2,
footnotes to MAR21.47, examples in MAR21.54 and MAR21.83).
"""

import numpy as np
import pandas as pd
import pytest

from app.risk.frtb import RISK_CLASSES
from app.risk.frtb.rules import across, correlations, rules, scenario

TABLE_2 = """
100.0 97.0 91.4 81.1 71.9 56.6 40.0 40.0 40.0 40.0
97.0 100.0 97.0 91.4 86.1 76.3 56.6 41.9 40.0 40.0
91.4 97.0 100.0 97.0 94.2 88.7 76.3 65.7 56.6 41.9
81.1 91.4 97.0 100.0 98.5 95.6 88.7 82.3 76.3 65.7
71.9 86.1 94.2 98.5 100.0 98.0 93.2 88.7 84.4 76.3
56.6 76.3 88.7 95.6 98.0 100.0 97.0 94.2 91.4 86.1
40.0 56.6 76.3 88.7 93.2 97.0 100.0 98.5 97.0 94.2
40.0 41.9 65.7 82.3 88.7 94.2 98.5 100.0 99.0 97.0
40.0 40.0 56.6 76.3 84.4 91.4 97.0 99.0 100.0 98.5
40.0 40.0 41.9 65.7 76.3 86.1 94.2 97.0 98.5 100.0
"""
FILES = [*RISK_CLASSES, "method"]


def paragraphs(tree, named=False):
    """Every number's path in a tree of tables, with whether a table above it names a paragraph."""
    named = named or "paragraph" in tree
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from paragraphs(value, named)
        elif isinstance(value, (int, float)) or key != "paragraph":
            yield key, named


@pytest.mark.parametrize("name", FILES)
def test_every_weight_and_correlation_names_its_paragraph_and_source(name):
    tables = {key: value for key, value in rules(name).items() if isinstance(value, dict)}
    assert rules(name)["source"].startswith("Basel Committee")
    assert all(table["paragraph"].startswith("MAR") for table in tables.values())
    assert all(named for _key, named in paragraphs(tables))


@pytest.mark.parametrize("risk_class", RISK_CLASSES)
def test_bucket_tables_cover_the_same_buckets(risk_class):
    rule = rules(risk_class)
    if rule["weights"]["by"] == "bucket":
        buckets = set(rule["weights"]["table"])
        assert set(rule["name"]["table"]) == buckets - {rule.get("other", {}).get("bucket")}
        gamma = across(risk_class, "delta", sorted(buckets))
        assert (gamma == gamma.T).all()
        assert not gamma.diagonal().any()


def test_tenor_correlations_are_the_printed_table():
    tenors = [0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0, 30.0]
    factors = pd.DataFrame({"name": "", "curve": "ois", "tenor": tenors, "residual": np.nan})
    printed = np.array(TABLE_2.split(), dtype=float).reshape(10, 10)
    np.testing.assert_allclose(100 * correlations(factors, "girr", "delta", "EUR"), printed, atol=0.0501)


@pytest.mark.parametrize(
    ("risk_class", "bucket", "one", "other", "printed"),
    [
        ("girr", "EUR", ("", "euribor", 1), ("", "euribor", 5), 0.8869),
        ("girr", "EUR", ("", "eonia", 1), ("", "euribor", 5), 0.8860),
        ("csr", "6", ("Apple", "bond", 5), ("Google", "cds", 10), 0.2273),
        ("commodity", "2", ("Brent", "Le Havre", 1), ("WTI", "Oklahoma", 5), 0.9396),
    ],
)
def test_correlations_are_the_examples_of_the_text(risk_class, bucket, one, other, printed):
    factors = pd.DataFrame([one, other], columns=["name", "curve", "tenor"]).assign(residual=np.nan)
    factors["tenor"] = factors["tenor"].astype(float)
    assert correlations(factors, risk_class, "delta", bucket)[0, 1] == pytest.approx(printed, abs=6e-5)


@pytest.mark.parametrize(
    ("risk_class", "pair", "gamma"),
    [
        ("girr", ["EUR", "USD"], 0.5),
        ("fx", ["EUR", "JPY"], 0.6),
        ("equity", ["1", "10"], 0.15),
        ("equity", ["3", "11"], 0),
        ("equity", ["12", "13"], 0.75),
        ("equity", ["4", "13"], 0.45),
        ("commodity", ["1", "10"], 0.2),
        ("commodity", ["2", "11"], 0),
        ("csr", ["1", "9"], 0.5),
        ("csr", ["1", "2"], 0.75),
        ("csr", ["1", "10"], 0.375),
        ("csr", ["14", "5"], 0.125),
        ("csr", ["8", "3"], 0.2),
        ("csr", ["8", "14"], 0.1),
        ("csr", ["16", "17"], 0),
        ("csr", ["9", "18"], 0.45),
        ("csr", ["17", "18"], 0.75),
    ],
)
def test_buckets_correlate_as_printed_and_squared_for_curvature(risk_class, pair, gamma):
    assert across(risk_class, "delta", pair)[0, 1] == pytest.approx(gamma)
    assert across(risk_class, "vega", pair)[1, 0] == pytest.approx(gamma)
    assert across(risk_class, "curvature", pair)[0, 1] == pytest.approx(gamma**2)


def test_three_scenarios_of_a_correlation():
    rho = np.array([1.0, 0.9, 0.5, 0.0])
    assert scenario(rho, "high").tolist() == [1, 1, 0.625, 0]
    assert scenario(rho, "medium").tolist() == rho.tolist()
    assert scenario(rho, "low") == pytest.approx([1, 0.8, 0.375, 0])
