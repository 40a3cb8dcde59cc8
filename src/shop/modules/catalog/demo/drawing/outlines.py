"""Outlines that are counted rather than drawn: round boxes, and bushes that are one path of many leaves."""

from collections.abc import Iterable
from math import cos, radians, sin

Leaf = tuple[float, float, float, float, float]
"""x and y of the stalk, degrees from upright, length, width."""


def box(x: float, y: float, w: float, h: float, r: float) -> str:
    """A rectangle with round corners, for what takes an outline."""
    across, down = w - 2 * r, h - 2 * r
    return f"M{x + r} {y}h{across}q{r} 0 {r} {r}v{down}q0 {r}-{r} {r}h-{across}q-{r} 0-{r}-{r}v-{down}q0-{r} {r}-{r}z"


def leaves(*each: Leaf) -> str:
    """One path of pointed leaves."""
    return "".join(map(_leaf, each))


def fan(x: float, y: float, turns: Iterable[float], length: float, width: float) -> str:
    """Leaves out of one stalk; those that lean more are shorter."""
    return leaves(*((x, y, turn, length * (1 - abs(turn) / 300), width) for turn in turns))


def sprig(x: float, y: float, turn: float, length: float, *, pairs: int, leaf: float) -> str:
    """Leaves in pairs along a straight stem, smaller towards its tip."""
    found: list[Leaf] = []
    for place in range(pairs):
        share = (place + 1) / (pairs + 0.4)
        at = (x + length * share * sin(radians(turn)), y - length * share * cos(radians(turn)))
        size = leaf * (1.15 - 0.6 * share)
        found += [(*at, turn - 52, size, size * 0.3), (*at, turn + 52, size, size * 0.3)]
    tip = (x + length * sin(radians(turn)), y - length * cos(radians(turn)))
    return leaves(*found, (*tip, turn, leaf * 0.7, leaf * 0.2))


def _leaf(leaf: Leaf) -> str:
    x, y, turn, length, width = leaf
    reach, lean = length * sin(radians(turn)), -length * cos(radians(turn))
    aside, down = width * cos(radians(turn)), width * sin(radians(turn))
    return (
        f"M{x:.0f} {y:.0f}q{reach * 0.42 - aside:.0f} {lean * 0.42 - down:.0f} {reach:.0f} {lean:.0f}"
        f"q{aside - reach * 0.58:.0f} {down - lean * 0.58:.0f} {-reach:.0f} {-lean:.0f}z"
    )
