"""The CycloneDX file of a release."""

import json
from pathlib import Path

import fastjsonschema
import pytest
from cyclonedx import schema

from scripts.dev.package import sbom

ENTRIES = [{'name': '0101-compat-a.patch', 'subject': 'ssl: a',
            'sha256': 'a1' * 32, 'cves': []},
           {'name': '0161-security-b.patch', 'subject': 'ssl: b',
            'sha256': 'b2' * 32, 'cves': ['CVE-2099-1', 'CVE-2099-2']}]


def _schema(name):
    # The library brings the published ones.
    name = name.replace('.SNAPSHOT', '').replace('.schema.json',
                                                 '.SNAPSHOT.schema.json')
    return json.loads(Path(schema.__file__).with_name('_res').joinpath(
        name).read_text())


@pytest.fixture(scope='module')
def valid():
    return fastjsonschema.compile(
        _schema('bom-1.6.schema.json'), handlers={
            'http': lambda uri: _schema(uri.rpartition('/')[2])})


def test_schema(valid):
    document = json.loads(sbom.text('1.0', 0, ENTRIES))
    valid(document)
    document['metadata']['component']['type'] = 'patches'
    with pytest.raises(fastjsonschema.JsonSchemaException):
        valid(document)


def test_content():
    document = json.loads(sbom.text('1.0', 0, ENTRIES))
    assert document['metadata']['timestamp'].startswith('1970-01-01T00:00:00')
    component = document['metadata']['component']
    # As openvex.json calls it.
    assert component['purl'] == 'pkg:generic/cpython-memorybio@2.7.18-1.0'
    pedigree = component['pedigree']
    assert [ancestor['version'] for ancestor in pedigree['ancestors']] == [
        '2.7.18']
    assert [[issue['id'] for issue in patch.get('resolves', ())]
            for patch in pedigree['patches']] == [
                [], ['CVE-2099-1', 'CVE-2099-2']]
    assert [part['hashes'][0]['content']
            for part in document['components']] == ['a1' * 32, 'b2' * 32]


def test_same_each_time():
    text = sbom.text('1.0', 0, ENTRIES)
    assert text == sbom.text('1.0', 0, ENTRIES)
    assert json.loads(text)['serialNumber'] != json.loads(
        sbom.text('1.0', 0, ENTRIES[:1]))['serialNumber']
