"""A report that fails on purpose."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from demo_project.cargo.models import Cargo
from streamreports.columns import Column
from streamreports.views import StreamingCsvView


class FailingCargoCsvView(StreamingCsvView):
    """Export cargoes until one of them raises an exception."""

    model = Cargo
    filename = "cargo-failing.csv"
    is_listed = False
    fails_at = 5_000  # the primary key of a cargo

    def get_columns(self) -> list[Column | str]:
        """Return two fields, and a column that fails."""
        return ["id", "commodity", Column(self.weigh, label=_("Weight (kg)"))]

    def weigh(self, cargo: Cargo) -> Decimal:
        """Return the weight of a cargo, but not of each."""
        if cargo.pk == self.fails_at:
            raise ValueError(f"The scales broke at cargo {cargo.pk}.")
        return cargo.weight
