"""How collected static files are stored."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed and compressed names, in the imports of JavaScript modules too: each can be cached for ever."""

    support_js_module_import_aggregation = True
