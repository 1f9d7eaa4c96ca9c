"""One look: charts and pages take every colour from assets/tokens.css, and both themes can be read."""

import re
from pathlib import Path

import pytest

from app.figures import THEMES
from app.figures.theme import STRONGEST, STYLESHEET, template, tint, tokens

ASSETS = Path(STYLESHEET).parent
OURS = {"again", "n", "noted", "sixth", "welcome"}
SURFACES = ("bg", "panel", "panel2")
INKS = ("text", "mute", "faint", "accent", "gain", "loss", "warn", "breach")


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def colours(node):
    """Every colour of six digits in a template."""
    return set(re.findall(r"#[0-9a-fA-F]{6}", str(node)))


@pytest.mark.parametrize("theme", THEMES)
def test_the_charts_use_the_colours_of_the_stylesheet_and_no_other(theme):
    assert colours(template(theme)) <= set(tokens(theme).values())


def test_the_themes_differ_in_colours_and_in_nothing_else():
    dark, light = (tokens(theme) for theme in THEMES)
    assert set(dark) == set(light)
    same = {"font", "mono", "digit", "size", "small", "radius", "gap", "row", "tile"}
    assert {name for name in dark if dark[name] == light[name]} == same


def test_no_stylesheet_uses_a_token_that_is_not_named():
    for sheet in ASSETS.glob("*.css"):
        styles = sheet.read_text()
        used = set(re.findall(r"var\(--([\w-]+)", styles))
        assert used <= set(tokens("dark")) | OURS, sheet.name


def test_colours_are_named_in_one_place():
    for sheet in ASSETS.glob("*.css"):
        if sheet != STYLESHEET:
            assert not colours(sheet.read_text()), sheet.name


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ink", INKS)
def test_text_can_be_read_on_every_surface(theme, ink):
    found = tokens(theme)
    assert min(contrast(found[ink], found[surface]) for surface in SURFACES) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_the_zero_line_is_visible_and_labels_are_horizontal(theme):
    axis = template(theme)["layout"]["yaxis"]
    assert axis["zeroline"]
    assert axis["zerolinecolor"] != axis["gridcolor"]
    assert axis["tickangle"] == 0


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("colour", ["gain", "loss", "accent", "warn", "mute"])
def test_text_can_be_read_on_every_tint_of_a_cell(theme, colour):
    ink = tokens(theme)
    shades = [tint(ink, colour, STRONGEST * step / 10) for step in range(11)]
    assert min(contrast(ink["text"], shade) for shade in shades) >= 4.5
