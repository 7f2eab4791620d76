"""Settings of the whole suite: how many examples hypothesis tries, and what needs a large download.

``KCURVE_HYPOTHESIS_PROFILE=thorough`` tries twenty times as many, with fresh random examples; the default,
``fast``, tries the same examples every time. KCURVE_SMOLLM2 names the file of a pretrained model to test with.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "fast",
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "thorough", max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("KCURVE_HYPOTHESIS_PROFILE", "fast"))

# `make test-live-smollm2` fetches the model and sets the variable.
collect_ignore = [] if os.environ.get("KCURVE_SMOLLM2") else ["smollm2"]
