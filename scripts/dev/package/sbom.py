"""What a release consists of and what it fixes: the CycloneDX file."""

import datetime
import uuid

from cyclonedx.model import HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import (
    Component,
    ComponentType,
    Diff,
    Patch,
    PatchClassification,
    Pedigree,
)
from cyclonedx.model.issue import IssueClassification, IssueType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from scripts.source import pins

NAME = 'sbom.cdx.json'


def _sha256(digest):
    return [HashType(alg=HashAlgorithm.SHA_256, content=digest)]


def _base():
    """CPython, as the pinned source has it."""
    pin = pins.get('python')
    return Component(
        name='cpython', version=pin.version, type=ComponentType.APPLICATION,
        bom_ref='cpython', hashes=_sha256(pin.sha256),
        purl=PackageURL('generic', None, 'cpython', pin.version),
        cpe='cpe:2.3:a:python:python:{}:*:*:*:*:*:*:*'.format(pin.version),
        licenses=[DisjunctiveLicense(id='Python-2.0.1')])


def _patch(entry):
    return Patch(
        type=PatchClassification.UNOFFICIAL,
        diff=Diff(url=XsUri('patches/' + entry['name'])),
        resolves=[IssueType(type=IssueClassification.SECURITY, id=cve)
                  for cve in entry['cves']])


def _file(entry):
    name = 'patches/' + entry['name']
    return Component(
        name=name, type=ComponentType.FILE, bom_ref=name,
        description=entry['subject'], hashes=_sha256(entry['sha256']),
        licenses=[DisjunctiveLicense(id='PSF-2.0')])


def text(version, seconds, entries):
    """The file (str) of the release *version* (str), made at *seconds*
    (int, since 1970), of the patches that *entries*, of index.entries(),
    are about."""
    base = _base()
    full = '{}-{}'.format(base.version, version)
    purl = PackageURL('generic', None, 'cpython-memorybio', full)
    main = Component(
        name=purl.name, version=full, type=ComponentType.APPLICATION,
        bom_ref=str(purl), purl=purl,
        pedigree=Pedigree(ancestors=[base], patches=map(_patch, entries)))
    parts = [_file(entry) for entry in entries]
    bom = Bom(serial_number=uuid.uuid5(
        uuid.NAMESPACE_URL,
        str(purl) + ''.join(entry['sha256'] for entry in entries)),
        components=parts)
    bom.metadata.component = main
    bom.metadata.timestamp = datetime.datetime.fromtimestamp(
        seconds, datetime.timezone.utc)
    bom.register_dependency(main, parts)
    return JsonV1Dot6(bom).output_as_string(indent=1) + '\n'
