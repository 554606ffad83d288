"""A URLconf with reports and no exports."""

from tests.exports.support import urlpatterns as all_patterns

urlpatterns = [each for each in all_patterns if getattr(each, "namespace", None) != "exports"]
