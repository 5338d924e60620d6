"""Measurements of the product, on the disk that an installation would have and not in memory, where tests keep their servers."""

import os

os.environ.setdefault("GAM_TEST_ON_DISK", "1")  # read by tests.plugin, which is imported later
