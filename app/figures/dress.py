"""How a drawing is dressed: theme, palette and separators of numbers, in one text that a browser sends."""

from dataclasses import dataclass

from app.figures.number import SEPARATORS

THEMES = ("dark", "light")
PALETTES = ("", "blue-orange")


@dataclass(frozen=True, slots=True)
class Dress:
    """A theme, a palette (empty: green and red) and separators of numbers (empty: 1,234.5)."""

    theme: str = "dark"
    palette: str = ""
    numbers: str = ""

    @classmethod
    def read(cls, text: str | None) -> "Dress":
        """From `light blue-orange point-comma`, in any order; what there is not is left out."""
        words = (text or "").split()[:8]
        return cls(
            next((word for word in words if word in THEMES), THEMES[0]),
            next((word for word in words if word in PALETTES), ""),
            next((word for word in words if word in SEPARATORS), ""),
        )

    @property
    def ink(self) -> str:
        """What decides colours: `light blue-orange`."""
        return f"{self.theme} {self.palette}".rstrip()

    def __str__(self) -> str:
        """The one text that reads back as this."""
        return " ".join(part for part in (self.theme, self.palette, self.numbers) if part)
