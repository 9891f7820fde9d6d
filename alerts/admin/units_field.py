"""A choice of units in a form: one for each of what they measure."""

from __future__ import annotations

from typing import Any

from django import forms

from stations.units import DIMENSIONS, METRIC, Units


class UnitsWidget(forms.MultiWidget):
    def __init__(self) -> None:
        super().__init__(
            {
                name: forms.Select(
                    attrs={"aria-label": name}, choices=[(unit, size.symbol) for unit, size in sizes.items()]
                )
                for name, sizes in DIMENSIONS.items()
            }
        )

    def decompress(self, value: Any) -> list[str]:
        return list(Units.parse(value or "") or METRIC)


class UnitsField(forms.MultiValueField):
    """A text like “degC:hPa:m/s:mm”, which Units.parse() reads."""

    def __init__(self, **kwargs: Any) -> None:
        fields = [forms.ChoiceField(choices=[(unit, unit) for unit in sizes]) for sizes in DIMENSIONS.values()]
        super().__init__(fields, widget=UnitsWidget(), required=False, **kwargs)

    def compress(self, data_list: Any) -> str:
        return ":".join(data_list) or str(METRIC)
