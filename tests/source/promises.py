#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SECURITY.md's promises: each names tests that are run, and each sentence in italics is a case of one; and what no run can
show, that SQL is never put together from input. promises.py BUILD-DIRECTORY."""
import json
import pathlib
import re
import sys

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
# Where a statement is formatted, out of what: nothing else may be.
FORMATTED = {
    ('sqlite/open.c', 'PRAGMA application_id = %d; PRAGMA user_version = %d'),  # two constants
    ('store/sqlite/sweep.c', 'DELETE FROM %s WHERE NOT is_used(%s)'),           # a table of ours, twice
}
FORMATS = re.compile(r'\b(?:\w*printf|strbuf_add\w*)\s*\([^;]*?"((?:SELECT|INSERT|UPDATE|DELETE|PRAGMA|CREATE|DROP|ALTER|ATTACH|VACUUM)\b[^"]*)"')

number = failed = 0


def tell(sentence, wrong):
    global number, failed
    number += 1
    failed += bool(wrong)
    print('not ok' if wrong else 'ok', f'{number} - {sentence}')
    for line in wrong:
        print('#', line)


def rows():
    lines = (TREE / 'SECURITY.md').read_text().splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith('| promise |'))
    for line in lines[begin + 2:]:
        if not line.startswith('|'):
            return
        yield [cell.strip() for cell in line.strip('|').split(' | ')]


def cases():
    """All test cases, as words alone."""
    for path in (TREE / 'tests').rglob('*'):
        if path.suffix in ('.c', '.py', '.sh'):
            yield from re.findall(r'[a-z0-9]+', path.read_text(errors='replace').lower())
            yield '|'


def main():
    tests = {t['name'].split(' / ')[-1] for t in json.loads((pathlib.Path(sys.argv[1]) / 'meson-info' / 'intro-tests.json').read_text())}
    said = ' '.join(cases())
    promises = list(rows())
    tell('each promise has its tests', [p[0][:100] for p in promises if len(p) != 2 or not set(re.findall(r'`([^`]+)`', p[1])) & tests])
    named = {name for p in promises for name in re.findall(r'`([a-z0-9_]+(?:-[a-z0-9-]+)?)`', p[-1])} - {'require'}
    tell('each test that is named is run', sorted(f'there is no test {n}' for n in named - tests))
    tell('each sentence is a case of one', [s for p in promises for s in re.findall(r'\*([a-z][^*]+)\*', p[-1])
                                            if ' '.join(re.findall(r'[a-z0-9]+', s.lower())) not in said])
    found = {(f'{p.parent.relative_to(TREE)}/{p.name}', sql) for room in ('sqlite', 'store', 'local', 'import', 'cmd')
             for p in (TREE / room).rglob('*.c') for sql in FORMATS.findall(p.read_text())}
    tell('no statement of SQL is put together but of constants', [f'{file}: {sql}' for file, sql in sorted(found - FORMATTED)])
    tell('and those are still there', [f'{file}: {sql}' for file, sql in sorted(FORMATTED - found)])
    print(f'1..{number}')
    return failed > 0


sys.exit(main())
