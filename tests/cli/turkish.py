#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The user's language changes nothing: in Turkish the lower case of I is no i, and words of protocols are ASCII."""
import base64
import csv
import gzip
import io
import os
import subprocess
import sys

from harness import HERE, SAMPLE, Suite, record, report

LOCALES = "locales"
CORPUS = os.path.abspath(os.environ.get("DMARCCTL_CORPUS") or os.path.join(HERE, "..", "..", "..", "shared", "corpus", "files"))
SUPPRESSIONS = "glibc.supp"
# The C library's newlocale() never frees the path that it makes of LOCPATH; libraries call it as they are loaded.
LANGUAGES = ({"LC_ALL": "C.UTF-8"},
             {"LC_ALL": "tr_TR.UTF-8", "LOCPATH": LOCALES, "LSAN_OPTIONS": "print_suppressions=0:suppressions=" + SUPPRESSIONS})


def make_locale():
    """False where the sources of locales are not installed (Debian: package locales)."""
    os.mkdir(LOCALES)
    try:
        made = subprocess.run(["localedef", "-i", "tr_TR", "-f", "UTF-8", LOCALES + "/tr_TR.UTF-8"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    except FileNotFoundError:
        return False
    return made.returncode <= 1 and os.path.isdir(LOCALES + "/tr_TR.UTF-8")


def upper_case_report():
    tags = report("upper", record(disposition="QUARANTINE", dkim="FAIL", spf="FAIL")).decode()
    tags = tags.replace("<p>none</p>", "<ASPF>STRICT</ASPF><P>QUARANTINE</P><SP>REJECT</SP>").replace(
        "</policy_evaluated>", "<REASON><TYPE>MAILING_LIST</TYPE></REASON></policy_evaluated>")
    for name in ("source_ip", "disposition", "identifiers", "domain"):
        tags = tags.replace("<%s>" % name, "<%s>" % name.upper()).replace("</%s>" % name, "</%s>" % name.upper())
    return tags.replace("UTF-8", "ISO-8859-1").replace("receiver.example.net", "R\u00c9CEPTEUR").encode("latin-1")


def upper_case_mail():
    attached = base64.encodebytes(gzip.compress(report("mailed"))).decode()
    return ("FROM: dmarc@receiver.example.net\nMIME-VERSION: 1.0\nMESSAGE-ID: <m1@receiver.example.net>\n"
            "CONTENT-TYPE: MULTIPART/MIXED; BOUNDARY=\"b1\"\n\n--b1\nCONTENT-TYPE: APPLICATION/GZIP\n"
            "CONTENT-DISPOSITION: ATTACHMENT; FILENAME=\"receiver.example.net!example.com!1790812800!1790899199.xml.gz\"\n"
            "CONTENT-TRANSFER-ENCODING: BASE64\n\n%s--b1--\n" % attached).encode()


suite = Suite()
if not make_locale():
    print("1..0 # SKIP there is no localedef, or no source of the locale tr_TR")
    sys.exit(0)
with open(SUPPRESSIONS, "w", encoding="ascii") as f:
    f.write("leak:__argz_add_sep\n")
for name, content in (("upper.xml", upper_case_report()), ("upper.eml", upper_case_mail())):
    with open(name, "wb") as f:
        f.write(content)


def in_each_language(*args):
    """The exit status and output of the same command, once in each language with a database of its own."""
    return [(done.returncode, done.out) for done in (
        suite.run(*args, "--db", "%s.db" % language["LC_ALL"], env=language) for language in LANGUAGES)]


def is_same(sentence, *args):
    english, turkish = in_each_language(*args)
    suite.check(sentence, english == turkish and english[0] == 0, english, turkish)


for language in LANGUAGES:
    done = suite.run("import", "upper.xml", "upper.eml", "--db", "%s.db" % language["LC_ALL"], env=language)
    suite.check("the reports are imported whole under %s" % language["LC_ALL"], done.returncode == 0, done.err)
    suite.run("import", SAMPLE, "--db", "%s.db" % language["LC_ALL"], env=language)
is_same("elements, words, headers and encodings in capitals are recognised", "export", "--format", "csv")
rows = [row for row in suite.rows("export", "--db", "tr_TR.UTF-8.db") if row["report_id"] == "upper"]
suite.equal("their words are the RFC's", [(row["p"], row["disposition"], row["source_ip"]) for row in rows],
            [("quarantine", "quarantine", "192.0.2.10")])
is_same("the verdict is the same", "readiness", "--as-of", "2026-10-31", "--format", "json")
is_same("a word of a filter may be in capitals", "export", "--disposition", "QUARANTINE", "--format", "csv")
is_same("a reporter is found in capitals", "export", "--reporter", "MAIL EXAMPLE ORG", "--format", "csv")



def told_of_corpus(verb, language):
    """The exit status and rows, without the seconds in which this import took them in."""
    done = suite.run(*verb, "--format", "csv", "--db", "corpus-%s.db" % language["LC_ALL"], env=language)
    rows = csv.DictReader(io.StringIO(done.out, newline=""))
    return done.returncode, [{key: row[key] for key in row if key not in ("seen", "imported")} for row in rows]


# Real documents, where they are at hand: see tests/corpus/check.py.
if os.path.isdir(CORPUS):
    for language in LANGUAGES:
        suite.run("import", "--quiet", CORPUS, "--db", "corpus-%s.db" % language["LC_ALL"], env=language)
    for verb in (("export",), ("errors", "--limit", "0"), ("reports",)):
        english, turkish = (told_of_corpus(verb, language) for language in LANGUAGES)
        suite.check("%s says the same of real documents" % verb[0], english == turkish and len(english[1]) > 10,
                    str(english[1][:1]), str(turkish[1][:1]))
else:
    print("# SKIP there is no corpus at %s" % CORPUS)
suite.finish()
