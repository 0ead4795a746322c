"""The form of a contestant's manifest, contestant.json: what competition/README.md says of each key."""

import json

KINDS = {
    "language": str,
    "platform": str,
    "packages": list,
    "build_packages": list,
    "needs": list,
    "build": str,
    "check": str,
    "version": str,
    "processes": str,
    "notes": str,
    "cannot": list,
    "expected": dict,
}


class ManifestError(Exception):
    pass


def load(file):
    """The manifest as a dict; None if there is no such file. ManifestError if it is not one."""
    try:
        with open(file, encoding="utf-8") as text:
            manifest = json.load(text)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ManifestError(f"{file}: {error}") from error
    if not isinstance(manifest, dict):
        raise ManifestError(f"{file}: not an object")
    for key, kind in KINDS.items():
        if not isinstance(manifest.get(key), kind):
            raise ManifestError(f"{file}: {key}: missing, or not of type {kind.__name__}")
        items = manifest[key].values() if kind is dict else manifest[key]
        if not all(isinstance(item, str) for item in items):
            raise ManifestError(f"{file}: {key}: not a {kind.__name__} of strings")
    unknown = sorted(set(manifest) - set(KINDS))
    if unknown:
        raise ManifestError(f"{file}: {unknown[0]}: no such key")
    return manifest
