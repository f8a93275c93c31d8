"""Named axes: the order of labels that arrays share."""

from __future__ import annotations

from dataclasses import dataclass

from headframe.core.errors import HeadframeError, did_you_mean


@dataclass(frozen=True)
class Axis:
    """A name and its labels in a fixed order, such as `sector` with fourteen sectors."""

    name: str
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(set(self.labels)) != len(self.labels):
            raise ValueError(f"axis {self.name} repeats a label")

    def __len__(self) -> int:
        return len(self.labels)

    def position(self, label: str) -> int:
        """The index of a label. Raises HF106 with the closest label as a suggestion."""
        try:
            return self.labels.index(label)
        except ValueError:
            near = did_you_mean(label, list(self.labels))
            raise HeadframeError.of(
                "HF106",
                self.name,
                axis=self.name,
                label=label,
                suggestion=near or ", ".join(self.labels[:12]),
            ) from None
