"""What each patch is: the content of patches.json and docs/patches.md."""

import hashlib
import json
import os

from scripts.dev.lint.rules import debian
from scripts.dev.package import (
    basecheck,
    basetrees,
    summary,
    vulnerabilities,
)
from scripts.series import walk
from scripts.series.groups import GROUP_BY_NAME, PatchName, group_of

FORMAT = 1      # of patches.json: raised when a field changes its meaning


def applies(context):
    """{base: {patch name: status}}, the bases that are always checked."""
    found = {}
    for label, source in (
            (basetrees.PRISTINE, lambda: context.pristine),
            (basetrees.label(debian.TREE),
             lambda: debian.patched_tree(context))):
        base = basecheck.Base(context, label, source())
        found[label] = basecheck.by_patch(base.check())
        base.close()
    return found


def _entry(patch, data, patch_id, statuses, cves):
    parsed = PatchName.parse(patch.name)
    return {
        'number': '{:04}'.format(parsed.number),
        'name': patch.name,
        'group': parsed.group,
        'subject': patch.field('Subject'),
        'files': [{'path': file.path, 'added': file.added,
                   'removed': file.removed, 'new': file.is_added_file}
                  for file in patch.files],
        'added': sum(file.added for file in patch.files),
        'removed': sum(file.removed for file in patch.files),
        'why': summary.why(patch.body),
        'droppable': summary.droppable(patch.body),
        'last_update': patch.field('Last-Update'),
        'bug': patch.field('Bug'),
        'cves': cves,
        'sha256': hashlib.sha256(data).hexdigest(),
        'patch_id': patch_id,
        'applies': statuses,
    }


def entries(context, patch_ids, statuses):
    """A list of dicts, one for each patch of *context*.

    patch_ids: {name: str}; statuses: as applies() returns it.
    """
    cves = vulnerabilities.fixed_by(context.names)
    return [_entry(patch,
                   walk.read_bytes(os.path.join(context.patches_dir,
                                                patch.name)),
                   patch_ids[patch.name],
                   {base: found[patch.name]
                    for base, found in statuses.items()},
                   cves[patch.name])
            for patch in context.patches]


def groups(context):
    """A list of dicts, one for each group that has patches."""
    found = []
    for name in dict.fromkeys(map(group_of, context.names)):
        group = GROUP_BY_NAME[name]
        found.append({'name': name, 'needs': list(group.needs),
                      'purpose': group.purpose,
                      'series': context.select(name)})
    return found


def json_text(version, group_list, entry_list):
    """The content of patches.json (str)."""
    return json.dumps({'format': FORMAT, 'version': version,
                       'base': basetrees.PRISTINE, 'groups': group_list,
                       'patches': entry_list},
                      indent=1, ensure_ascii=False) + '\n'
