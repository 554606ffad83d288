"""Route each variant by its name."""

from django.urls import path

from benchmarks.variants import VARIANTS

urlpatterns = [
    *[path(f"{name}/", variant.view) for name, variant in VARIANTS.items()],
    *[
        path(f"{name}/shipments/", variant.shipments)
        for name, variant in VARIANTS.items()
        if variant.shipments
    ],
]
