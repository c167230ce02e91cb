#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Strangers' texts: nothing a report says can run in a terminal, a spreadsheet or a program that reads the output."""
import csv
import html.parser
import io
import json
import os
import re
import shutil
import subprocess
import zipfile

from harness import Suite, record, report

suite = Suite()
VERBS = ("summary", "sources", "reporters", "trend", "reports", "errors", "export", "readiness")
# XML cannot hold C0 controls but tab, LF and CR; it can hold C1 ones (U+009B is CSI), DEL, and what turns text around.
EVIL = {
    "CSI": "\u009b31m", "DEL": "\u007f", "OSC": "\u009d0;title\u009c", "override": "\u202ecod.exe", "isolate": "\u2066x",
    "zero width": "a\u200bb", "tag": "\U000e0041", "line separator": "a\u2028b", "newline": "two\nlines",
    "tab": "a\tb", "mark": "\ufeffx", "Hangul filler": "a\u115fb\u3164", "joiner": "a\u034fb", "Khmer vowel": "\u17b4x",
    "variation": "a\ufe0fb\U000e0101",
}
FORMULAS = ('=1+1', '+1', '-1', '@SUM(A1)', '=HYPERLINK("http://example.net","x")', '=cmd|" /C calc"!A0', '-1+cmd', '\uff1d1', 'a;=1+1', 'b;\uff201')
MARKUP = ('<img src=x onerror=alert(1)>', '</td></table><script>alert(1)</script>', "' onmouseover='x", '" onfocus="x',
          'https://example.net/x', 'mail@example.net', '[x](https://example.net/)', '| a | b |', '`x` **y**', '&lt;b&gt;',
          "\u05d0\u05d1 \u0627\u0628", "x" * 12000)
TEXTS = (*EVIL.values(), *FORMULAS, *MARKUP)


def evil_report(n, text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("\t", "&#9;")
    body = record(ip="192.0.2.%d" % n, header_from=escaped).replace(
        "</policy_evaluated>", "<reason><type>%s</type><comment>%s</comment></reason></policy_evaluated>" % (escaped, escaped))
    body += "<record><row><source_ip>%s</source_ip><count>%s</count></row></record>" % (escaped, escaped)
    head = report(escaped, body, org=escaped, domain=escaped).decode()
    return head.replace("<email>noc@receiver.example.net</email>", "<email>%s</email><extra_contact_info>%s"
                        "</extra_contact_info><error>%s</error>" % (escaped, escaped, escaped)).encode()


os.mkdir("in")
for n, text in enumerate(TEXTS):
    with open("in/%02d.xml" % n, "wb") as f:
        f.write(evil_report(n + 1, text))
with open("in/long.xml", "wb") as f:
    f.write(report("long", record(header_from="y" * 65536)))
# Names and reasons that reach what is told: an entry's name, bytes that are no UTF-8, a count that is none.
with zipfile.ZipFile("in/evil\x1b]0;x\x07.zip", "w") as archive:
    for name, text in EVIL.items():
        archive.writestr(text.replace("\n", "\x1b[2J") + ".xml", b"<feedback><" + text.encode())
with open(b"in/latin1-\xe9\x9b31m.xml", "wb") as f:
    f.write(b"<\x9b31m></x>")


def is_dangerous(c):
    return (ord(c) < 0x20 and c != "\n") or 0x7f <= ord(c) <= 0x9f or c in "\u200b\u200c\u200d\u200e\u200f\ufeff\u034f\u115f\u17b4\u3164\ufe0f" or \
        0x2028 <= ord(c) <= 0x202e or 0x2066 <= ord(c) <= 0x2069 or 0xe0000 <= ord(c) <= 0xe01ef


def dangers(text):
    return sorted({"U+%04X" % ord(c) for c in text if is_dangerous(c)})


class Page(html.parser.HTMLParser):
    """What a page is made of: its elements and attributes; links; the text that is no script."""
    ELEMENTS = set("html head meta title style body header main footer a h1 h2 h3 h4 p div nav ul ol li dl dt dd table caption thead "
                   "tbody tr th td svg rect path circle text g title desc defs pattern figure figcaption details summary pre b "
                   "strong bdi script code em hr span line polyline label section".split())

    def __init__(self, text):
        super().__init__()
        self.odd, self.links, self.scripts, self.prose, self.in_code = [], [], 0, [], False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.scripts += tag == "script"
        self.in_code = self.in_code or tag in ("code", "script", "style")
        is_ours = tag == "input" and set(attributes) <= {("class", "chosen"), ("type", "radio"), ("name", "choice"),
                                                         ("checked", None), *(("id", "choice-%d" % n) for n in range(8))}
        if tag not in self.ELEMENTS and not is_ours:
            self.odd.append(tag)
        for name, value in attributes:
            if name in ("style", "src") or name.startswith("on"):
                self.odd.append(name)
            if name == "href":
                self.links.append(value)

    def handle_endtag(self, tag):
        self.in_code = self.in_code and tag not in ("code", "script", "style")

    def handle_data(self, data):
        if not self.in_code:
            self.prose.append(data)


def check_page(what, text):
    page = Page(text)
    suite.equal("%s, HTML: nothing dangerous stands there raw" % what, dangers(text), [])
    suite.equal("%s, HTML: no element or attribute is a stranger's" % what, (page.odd, page.scripts), ([], 1))
    suite.equal("%s, HTML: no link is one" % what, [l for l in page.links if not l.startswith("#")], [])


def check_markdown(what, text):
    suite.equal("%s, Markdown: nothing dangerous stands there raw" % what, dangers(text), [])
    odd_rows = [line for block in re.findall(r"(?m)(?:^\|.*\n)+", text) for line in block.splitlines()
                if columns_of(line) != columns_of(block.splitlines()[0])]
    suite.equal("%s, Markdown: each row has each column" % what, odd_rows, [])
    if not shutil.which("cmark-gfm"):
        return
    command = ["cmark-gfm", "--unsafe"] + [w for e in ("table", "autolink", "strikethrough") for w in ("-e", e)]
    page = Page(subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, check=True, timeout=60).stdout.decode())
    suite.equal("%s, Markdown: no element, link or attribute is a stranger's" % what, (page.odd, page.links), ([], []))
    suite.equal("%s, Markdown: no text could be a mention or a link" % what,
                re.findall(r"[@#]\w|://|www\.", "".join(page.prose)), [])


def columns_of(line):
    return len(re.findall(r"(?<!\\)(?:\\\\)*\|", line))


done = suite.run("import", "--db", "t.db", "in", "--max-text", "70000")
suite.check("the reports are imported all the same", " %d new" % (len(TEXTS) + 1) in done.out, done.out, done.err)
suite.equal("nothing dangerous is told", dangers(done.err), [])
suite.check("but what it was can be seen", "\\x1b" in done.err and "\\u202e" in done.err, done.err)
suite.equal("each trouble is one line", len(done.err.splitlines()), done.err.count("dmarcctl: "))

for verb in VERBS:
    for locale in ("C.UTF-8", "C"):
        done = suite.run(verb, "--db", "t.db", env={"LC_ALL": locale})
        suite.equal("%s, text, %s: nothing dangerous is printed" % (verb, locale), (done.returncode, dangers(done.out)),
                    (0, []))
        if locale == "C":
            suite.check("%s, text, C: it is plain ASCII" % verb, done.stdout.isascii(), done.out)
    done = suite.run(verb, "--db", "t.db", "--color", "always")
    suite.equal("%s, text with colours: only ours" % verb,
                [c for c in dangers(done.out) if c != "U+001B"], [])
    done = suite.run(verb, "--db", "t.db", "--format", "csv")
    rows = list(csv.reader(io.StringIO(done.out, newline="")))
    suite.check("%s, CSV: each row has each column" % verb, len({len(r) for r in rows}) == 1, rows[:3])
    texts = [f for row in rows for field in row for f in field.split(";")]
    suite.equal("%s, CSV: no field begins a formula" % verb,
                [f for f in texts if f[:1] in ("=", "+", "@", "\t", "\r", "\uff1d", "\uff20") or (f[:1] == "-" and not f[1:].isdigit())], [])
    check_page(verb, suite.run(verb, "--db", "t.db", "--format", "html").out)
    check_markdown(verb, suite.run(verb, "--db", "t.db", "--format", "markdown").out)
    for form in ("json", "ndjson"):
        done = suite.run(verb, "--db", "t.db", "--format", form)
        suite.equal("%s, %s: nothing dangerous stands there raw" % (verb, form), dangers(done.out), [])
        try:
            rows = json.loads(done.out)["rows"] if form == "json" else [json.loads(l) for l in done.out.splitlines()]
        except ValueError as error:
            rows = error
        suite.check("%s, %s: it is JSON" % (verb, form), isinstance(rows, list), rows)

rows = suite.rows("export", "--db", "t.db")
suite.check("JSON gives back what the report said", {EVIL["CSI"], EVIL["override"], EVIL["tag"]} <= {r["org_name"] for r in rows},
            {r["org_name"] for r in rows})
done = suite.run("import", "--db", "t.db", "in", env={"LC_ALL": "C"})
suite.check("what is told is plain ASCII where the terminal is", done.stderr.isascii(), done.stderr)
domain = EVIL["CSI"]
for locale in ("C.UTF-8", "C"):
    done = suite.run("readiness", "--db", "t.db", domain, "no\u009bdomain", env={"LC_ALL": locale})
    suite.equal("a wrong domain on the command line is told harmlessly, %s" % locale,
                (done.returncode, dangers(done.err)), (1, []))
    done = suite.run("readiness", "--db", "t.db", domain, env={"LC_ALL": locale})
    suite.equal("a page of readiness is harmless, %s" % locale, (done.returncode, dangers(done.out)), (0, []))
    suite.check("and in the charset of the terminal, %s" % locale, locale != "C" or done.stdout.isascii(), done.stdout)
for args in ((), (domain,), ("x" * 12000,), (MARKUP[0],)):
    for form, check in (("html", check_page), ("markdown", check_markdown)):
        done = suite.run("report", "--db", "t.db", "--format", form, *args)
        check("report on %s" % (ascii(args[0][:20]) if args else "all domains"), done.out)
        suite.equal("the report is made, %s, %s" % (form, ascii(args)[:24]), (done.returncode, done.err), (0, ""))
suite.finish()
