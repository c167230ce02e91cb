#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every test is run: each tests/unit/test_SUBJECT.c has a row 'SUBJECT': in tests/meson.build, and each script that can be
started on its own (it begins with #!) is named there, but for the tools below."""
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
TOOLS = {
    'dns/make_mmdb.py',          # writes a database for dns/check.py, and by hand
    'readiness/simulate.py',     # writes reports for readiness/check.py, and by hand
}


def unlisted(tests, rows):
    for source in sorted(tests.glob('unit/test_*.c')):
        if f"  '{source.stem.removeprefix('test_')}': [" not in rows:
            yield f'unit/{source.name}'
    for script in sorted([*tests.glob('*/*.py'), *tests.glob('*/*.sh')]):
        path = script.relative_to(tests).as_posix()
        if path in TOOLS or not script.read_text().startswith('#!'):
            continue
        if f"'{path}'" not in rows and f"'{script.name}'" not in rows:
            yield path


missing = list(unlisted(TESTS, (TESTS / 'meson.build').read_text()))
print('1..1')
print('not ok' if missing else 'ok', '1 - every test is named in tests/meson.build')
for path in missing:
    print(f'# tests/{path} is not')
sys.exit(bool(missing))
