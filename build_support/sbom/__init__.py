"""The bill of materials of a package, in CycloneDX 1.6."""
