# SPDX-License-Identifier: Apache-2.0
"""Real documents as mails, where they are at hand (see tests/corpus/check.py), and what a server made of them."""
import os
import shutil

import messages
from harness import query

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared", "corpus", "files")
SKIP = "# SKIP real documents: no corpus is at hand"


def at_hand():
    return os.path.isdir(CORPUS)


def mails(most=None):
    """Mails as they are, other files as the attachment of one, in a steady order; with most, about as many of them."""
    found = sorted(os.path.join(top, name) for top, _, names in os.walk(CORPUS) for name in names)
    made = []
    for path in found[::max(1, len(found) // (most or len(found)))]:
        with open(path, "rb") as f:
            content = f.read()
        name = os.path.basename(path)
        made.append(content if name.endswith(".eml") or name == "mail" else messages.wrapped(name, content))
    return made


def compare(s, name, sent, db, least):
    """What a server gave of the mails sent to it, and is now in db, is what files give."""
    os.mkdir("mails")
    for n, content in enumerate(sent):
        with open("mails/%05d.eml" % n, "wb") as f:
            f.write(content)
    files_db = "files-of-" + db
    s.run("import", "--db", files_db, "mails")
    shutil.rmtree("mails")
    outcomes = "SELECT outcome, count(*) FROM document GROUP BY outcome ORDER BY outcome"
    s.equal("%s: %d mails: each outcome is as often as from files" % (name, len(sent)),
            query(db, outcomes), query(files_db, outcomes))
    served, files = ([{k: v for k, v in row.items() if k != "origin"} for row in s.rows("export", "--db", name)]
                     for name in (db, files_db))
    s.check("%s: ... and but for its origin each record is the same" % name, served == files and len(served) > least,
            len(served), len(files), [pair for pair in zip(served, files) if pair[0] != pair[1]][:1])
