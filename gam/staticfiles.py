"""Static files under names that carry their content's hash, so that browsers may keep them for ever."""

from __future__ import annotations

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# References that are rewritten: style sheets alone. Scripts name their chunks by hashed names already, and
# a package's reference to a source map that it does not ship must not stop a start.
_PATTERNS = tuple(
    (extension, tuple(found for found in patterns if "sourceMappingURL" not in str(found)))
    for extension, patterns in ManifestStaticFilesStorage.patterns
    if extension == "*.css"
)


class HashedFiles(ManifestStaticFilesStorage):
    """For a product that starts from a checkout: hashed names, nothing compressed."""

    patterns = _PATTERNS


class CompressedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise ships no types
    """For the production image: compressed once, at its build."""

    patterns = _PATTERNS
