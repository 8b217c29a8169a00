"""Parts of a package as components of a bill of materials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.exception.model import InvalidUriException
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    Property,
    XsUri,
)
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License, LicenseAcknowledgement
from packageurl import PackageURL

from build_support.bundles.manifest import App, Python
from build_support.licences.distributions import Distribution
from build_support.licences.parts import Part
from build_support.licences.shell import Electron
from build_support.projects.requirements import LockedRequirement
from build_support.sbom.wheels import Vendored

#: The name space of properties that no standard knows.
_PROPERTY = "djdesk:"


def application_component(app: App) -> Component:
    """Return the application that the package is."""
    return Component(
        name=app.name,
        version=app.version,
        type=ComponentType.APPLICATION,
        bom_ref=app.identifier,
        properties=_properties({"identifier": app.identifier, "revision": app.revision}),
    )


def distribution_component(
    distribution: Distribution, entry: LockedRequirement, vendored: Sequence[Vendored]
) -> Component:
    """Return a distribution, with the hashes that its lock allows, and the libraries inside it.

    A lock names the SHA-256 of each file of a release; the wheel that was installed is one of
    them.
    """
    part = distribution.part
    purl = PackageURL("pypi", name=distribution.name, version=part.version)
    return _component(
        part,
        purl,
        hashes=sorted(text.removeprefix("--hash=sha256:") for text in entry.hashes),
        properties={"hashes": "of the files that the lock allows"},
        components=[_vendored_component(each, distribution.name) for each in vendored],
    )


def interpreter_component(
    part: Part, python: Python, libraries: Sequence[Part], *, url: str
) -> Component:
    """Return CPython, with the libraries that come with it.

    `url` is where its archive was published, empty for option B.
    """
    # What option B has is a digest of versions, and no file has it.
    qualifiers = {"checksum": f"sha256:{python.sha256}"} if python.redistributable else {}
    if url:
        qualifiers["download_url"] = url
    purl = PackageURL("generic", name="cpython", version=python.version, qualifiers=qualifiers)
    component = _component(
        part,
        purl,
        hashes=[python.sha256] if python.redistributable else [],
        properties={"provider": python.provider, "archive": python.archive},
        components=[
            _component(each, None, kind=ComponentType.LIBRARY, owner="cpython")
            for each in libraries
        ],
    )
    component.type = ComponentType.PLATFORM
    component.cpe = f"cpe:2.3:a:python:python:{python.version}:*:*:*:*:*:*:*"
    return component


def electron_component(part: Part, electron: Electron) -> Component:
    """Return Electron, under the name by which advisories know it: that of its npm package."""
    purl = PackageURL("npm", name="electron", version=electron.version)
    hashes = [electron.sha256] if electron.sha256 else []
    component = _component(part, purl, hashes=hashes)
    component.type = ComponentType.FRAMEWORK
    component.cpe = f"cpe:2.3:a:electronjs:electron:{electron.version}:*:*:*:*:*:*:*"
    return component


def runtime_component(version: str) -> Component:
    """Return djdesk_runtime, which lies among the packages without being a distribution."""
    return Component(
        name="djdesk_runtime", version=version, type=ComponentType.LIBRARY, bom_ref="djdesk_runtime"
    )


def _component(
    part: Part,
    purl: PackageURL | None,
    *,
    kind: ComponentType = ComponentType.LIBRARY,
    owner: str = "",
    hashes: Iterable[str] = (),
    properties: Mapping[str, str] | None = None,
    components: Iterable[Component] = (),
) -> Component:
    return Component(
        name=part.name,
        version=part.version or None,
        type=kind,
        bom_ref=str(purl) if purl else f"{owner}/{part.name}",
        purl=purl,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content) for content in hashes],
        licenses=[_licence(part.licence)] if part.licence else [],
        external_references=list(_references(part.homepage)),
        properties=_properties(properties or {}),
        components=components,
    )


def _vendored_component(library: Vendored, owner: str) -> Component:
    return Component(
        name=library.name,
        version=library.version or None,
        type=ComponentType.LIBRARY,
        bom_ref=f"{owner}/{library.purl or f'{library.name}@{library.version}'}",
        purl=PackageURL.from_string(library.purl) if library.purl else None,
    )


def _licence(text: str) -> License:
    """Return an SPDX name or expression as what it is, and anything else as a name."""
    declared = LicenseAcknowledgement.DECLARED
    return LicenseFactory().make_from_string(text, license_acknowledgement=declared)


def _references(homepage: str) -> Iterable[ExternalReference]:
    if not homepage.startswith(("https://", "http://")):
        return
    try:
        yield ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(homepage))
    except InvalidUriException:
        return


def _properties(values: Mapping[str, str]) -> list[Property]:
    return [Property(name=f"{_PROPERTY}{name}", value=value) for name, value in values.items()]
