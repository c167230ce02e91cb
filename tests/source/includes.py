#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/check-includes: silent over this tree, and each kind of violation is found where it is planted."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
CHECK = TREE / 'scripts' / 'check-includes'
PRIVATE = '/* SPDX-License-Identifier: Apache-2.0 */\n/* Planted. Private to store/. */\n'
PLANTED = [
    ('a room looks up', 'base/planted.c', '#include "store/store.h"\n', 'base/planted.c:1: base/ may not include store/'),
    ('a room looks aside', 'parser/planted.c', '\n#include "intake/intake.h"\n',
     'parser/planted.c:2: parser/ may not include intake/'),
    ('a header without its room', 'store/planted.c', '#include "store.h"\n',
     'store/planted.c:1: "store.h" is no header of a room'),
    ('two headers of one name', 'verdict/mem.h', '', 'verdict/mem.h:1: a header of this name stands in base/mem.h too'),
    ('a private header', 'verdict/planted.c', '#include "store/planted_private.h"\n',
     'verdict/planted.c:1: "store/planted_private.h" is private to store/'),
]
failed = 0


def check(tree):
    return subprocess.run([CHECK, tree], capture_output=True, text=True)


def tell(number, what, good, output):
    global failed
    failed += not good
    print(f'{"ok" if good else "not ok"} {number} - {what}')
    if not good:
        print('\n'.join('# ' + line for line in output.splitlines()))


print(f'1..{len(PLANTED) + 1}')
whole = check(TREE)
tell(1, 'every include keeps to the house', whole.returncode == 0, whole.stdout)
for number, (what, path, text, expected) in enumerate(PLANTED, 2):
    with tempfile.TemporaryDirectory() as scratch:
        copy = pathlib.Path(scratch)
        for header in TREE.glob('*/**/*.h'):
            if not header.relative_to(TREE).parts[0].startswith('build'):
                target = copy / header.relative_to(TREE)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(header, target)
        (copy / 'store/planted_private.h').write_text(PRIVATE)
        (copy / path).write_text(text)
        found = check(copy)
        tell(number, what, found.returncode == 1 and expected in found.stdout, found.stdout)
sys.exit(failed > 0)
