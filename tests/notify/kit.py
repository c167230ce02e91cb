# SPDX-License-Identifier: Apache-2.0
"""What the tests of notices share: small files, and messages that a command wrote down."""
import json
import os


def write(name, text, mode=0o600):
    with open(name, "w") as f:
        f.write(text)
    os.chmod(name, mode)


def there(*names, is_there=True):
    """Files that say something by being there: a way is "away", or is to "kill" the run."""
    for name in names:
        if is_there:
            write(name, "")
        elif os.path.exists(name):
            os.remove(name)


def lines_of(name):
    if not os.path.exists(name):
        return []
    with open(name) as f:
        return [json.loads(line) for line in f.read().splitlines() if line]


def findings(message):
    return [(f["kind"], f["state"]) for f in message["findings"]["rows"]]
