"""The bill of materials: everything in a package, who needs what, and where it came from.

The same contents give the same bytes: its serial number is made from them, and its time is one
that the caller takes from them, such as that of the commit, or there is none. Source: the
CycloneDX 1.6 specification.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.lifecycle import LifecyclePhase, PredefinedLifecycle
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from build_support import __version__
from build_support.bundles.manifest import App, Python
from build_support.errors import VerificationError
from build_support.licences.distributions import Distribution, check_complete
from build_support.licences.parts import Part
from build_support.licences.shell import Electron, electron_part
from build_support.projects.requirements import LockedRequirement
from build_support.sbom import components
from build_support.sbom.wheels import Vendored

SBOM_FILE = "sbom.cdx.json"

#: Serial numbers are made in this name space; it has no meaning of its own.
_NAME_SPACE = uuid.UUID("0b9b2f0a-6f1e-5c62-9d0c-7d5a0c7a3f11")
#: What people look for first comes first.
_ORDER = ("$schema", "bomFormat", "specVersion", "serialNumber", "version", "metadata")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a package holds.

    `interpreter` is CPython, then the libraries that come with it. `lock` is what was installed
    for the target. `vendored` are libraries inside wheels, by normalised name of their owner.
    Without `electron` it is the bill of a bundle.
    """

    app: App
    target: str
    python: Python
    interpreter: Sequence[Part]
    distributions: Sequence[Distribution]
    lock: Sequence[LockedRequirement]
    runtime_version: str
    electron: Electron | None = None
    python_url: str = ""
    vendored: Mapping[str, Sequence[Vendored]] = field(default_factory=dict)
    made: datetime | None = None


def make_bill(contents: Contents) -> str:
    """Return the bill of materials as JSON, checked against the strict schema.

    Raises VerificationError when the distributions are not those of the lock, or the bill is
    not a valid one.
    """
    check_complete(contents.distributions, contents.lock)
    document = _document(_bill(contents), contents.made)
    serial = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    document["serialNumber"] = uuid.uuid5(_NAME_SPACE, serial).urn
    ordered = {key: document[key] for key in _ORDER if key in document} | document
    text = json.dumps(ordered, indent=2, ensure_ascii=False) + "\n"
    check_bill(text)
    return text


def check_bill(text: str) -> None:
    """Raise VerificationError when a text is no bill of materials in CycloneDX 1.6."""
    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if problem is not None:
        raise VerificationError(
            "The bill of materials does not follow its schema.", why=str(problem)[:1000]
        )


def _bill(contents: Contents) -> Bom:
    root = components.application_component(contents.app)
    python, *libraries = contents.interpreter
    interpreter = components.interpreter_component(
        python, contents.python, libraries, url=contents.python_url
    )
    runtime = components.runtime_component(contents.runtime_version)
    locked = {entry.name: entry for entry in contents.lock}
    packages = {
        each.name: components.distribution_component(
            each, locked[each.name], contents.vendored.get(each.name, ())
        )
        for each in contents.distributions
    }
    shell: list[Component] = []
    if contents.electron is not None:
        part = electron_part(contents.electron)
        shell.append(components.electron_component(part, contents.electron))
    everything = [interpreter, runtime, *packages.values(), *shell]
    bill = Bom(metadata=_metadata(contents, root), components=everything)
    bill.register_dependency(root, everything)
    for each in contents.distributions:
        needed = [packages[name] for name in each.dependencies if name in packages]
        bill.register_dependency(packages[each.name], needed)
    return bill


def _metadata(contents: Contents, root: Component) -> BomMetaData:
    tool = Component(name="djdesk", version=__version__, type=ComponentType.APPLICATION)
    return BomMetaData(
        component=root,
        tools=ToolRepository(components=[tool]),
        lifecycles=[PredefinedLifecycle(LifecyclePhase.BUILD)],
        properties=[
            Property(name="cdx:reproducible", value="true"),
            Property(name="djdesk:target", value=contents.target),
        ],
        timestamp=contents.made,
    )


def _document(bill: Bom, made: datetime | None) -> dict[str, Any]:
    """Return the bill without what is different each time."""
    document: dict[str, Any] = json.loads(JsonV1Dot6(bill).output_as_string())
    if made is None:
        del document["metadata"]["timestamp"]
    del document["serialNumber"]
    return document
