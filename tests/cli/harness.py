# SPDX-License-Identifier: Apache-2.0
"""What the Python tests of the command line share: a folder of its own, a quiet environment, checks as TAP."""
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE = os.path.join(HERE, "..", "..", "testdata", "sample")
# Set where starting the program takes ten times as long, under a sanitizer, unless it is night: tests/meson.build.
SPARING = bool(os.environ.get("SPARING"))


def some(things, step, first=0):
    """All of them; where time is spared, each of so many."""
    return list(things)[first % step::step] if SPARING else list(things)


def query(db, sql):
    """The rows; none where the database or the table is not there."""
    try:
        with sqlite3.connect("file:%s?mode=ro" % db, uri=True) as c:
            return c.execute(sql).fetchall()
    except sqlite3.OperationalError:
        return []


def reports(db):
    return [row[0] for row in query(db, "SELECT report_id FROM report ORDER BY id")]


def zipped(*entries, method=zipfile.ZIP_DEFLATED):
    """A zip of (name, bytes)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


def pass_a_day(db):
    """What was read and refused was so a day before."""
    with sqlite3.connect(db) as c:
        c.execute("UPDATE document SET seen_s = seen_s - 86400")
        c.execute("UPDATE mailbox SET read_s = read_s - 86400")
        c.execute("UPDATE mailbox_task SET refused_s = refused_s - 86400")


class Suite:
    def __init__(self):
        if len(sys.argv) != 2:
            sys.exit("usage: %s PATH-OF-DMARCCTL" % sys.argv[0])
        self.binary = os.path.abspath(sys.argv[1])
        self.checks = self.failures = self.runs = 0
        self.folder = tempfile.mkdtemp(prefix="dmarcctl-cli.")
        os.chdir(self.folder)
        self.environment = {k: v for k, v in os.environ.items() if k in ("PATH", "TMPDIR", "DMARCCTL_SANDBOX")}
        self.environment.update(HOME=self.folder, LC_ALL="C.UTF-8", TZ="Pacific/Apia", DMARCCTL_CONFIG="/dev/null")
        # What a sanitizer finds must not pass for an expected failure.
        for name, more in (("ASAN_OPTIONS", ""), ("UBSAN_OPTIONS", ":halt_on_error=1")):
            self.environment[name] = os.environ.get(name, "") + ":exitcode=99" + more

    def run(self, *args, **more):
        environment = {**self.environment, **more.pop("env", {})}
        self.runs += 1
        if SPARING and self.runs % 5:  # to look for leaks takes as long as all else that a short run does
            environment["ASAN_OPTIONS"] += ":detect_leaks=0"
        done = subprocess.run([self.binary, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                              timeout=120, **more)
        done.out, done.err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        return done

    def take_anew(self, name, data, *options):
        """Imports one file into a new t.db: what was run, and the outcomes other than 0."""
        with open(name, "wb") as f:
            f.write(data)
        for beside in ("", "-wal", "-shm"):
            if os.path.exists("t.db" + beside):
                os.unlink("t.db" + beside)
        done = self.run("import", "--db", "t.db", "--format", "json", *options, name)
        documents = json.loads(done.out)["documents"] if done.out else {}
        documents.pop("total", None)
        return done, {k: v for k, v in documents.items() if v}

    def rows(self, verb, *args):
        done = self.run(verb, *args, "--format", "ndjson")
        if done.returncode:
            raise RuntimeError("%s %s: %d: %s" % (verb, args, done.returncode, done.err))
        return [json.loads(line) for line in done.out.splitlines()]

    def check(self, sentence, holds, *shown):
        self.checks += 1
        print("%s %d - %s" % ("ok" if holds else "not ok", self.checks, sentence))
        if not holds:
            self.failures += 1
            for what in shown:
                print("# " + str(what)[:2000].replace("\n", "\n# "))

    def equal(self, sentence, value, expected):
        self.check(sentence, value == expected, "expected: %r" % (expected,), "is:       %r" % (value,))

    def finish(self):
        print("1..%d" % self.checks)
        os.chdir("/")
        shutil.rmtree(self.folder)
        sys.exit(1 if self.failures else 0)


RECORD = ("<record><row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated>"
          "<disposition>{disposition}</disposition><dkim>{dkim}</dkim><spf>{spf}</spf></policy_evaluated></row>"
          "<identifiers><header_from>{header_from}</header_from></identifiers>"
          "<auth_results><spf><domain>{header_from}</domain><result>{spf}</result></spf></auth_results></record>\n")


def record(**values):
    return RECORD.format(**{"ip": "192.0.2.10", "count": 5, "disposition": "none", "dkim": "pass", "spf": "pass",
                            "header_from": "example.com", **values})


# With `fo` as it likes: under another report_id the same content of the same days would be counted once.
def report(report_id, records=None, org="receiver.example.net", domain="example.com", begin=1790812800, end=None,
           head=""):
    return ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n%s<feedback><report_metadata><org_name>%s</org_name>"
            "<email>noc@receiver.example.net</email><report_id>%s</report_id><date_range><begin>%s</begin><end>%s</end>"
            "</date_range></report_metadata><policy_published><domain>%s</domain><p>none</p><fo>%s</fo>"
            "</policy_published>\n%s</feedback>\n" %
            (head, org, report_id, begin, begin + 86399 if end is None else end, domain, report_id,
             record() if records is None else records)).encode()
