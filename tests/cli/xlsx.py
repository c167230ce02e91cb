#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Workbooks: LibreOffice opens them and our CSV, and both say what --format json says, with dates as dates and strangers'
texts as texts."""
import datetime
import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
import zipfile

from harness import SAMPLE, Suite, record, report

suite = Suite()
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
QUESTIONS = {"summary": [], "sources": ["--as-of", "2026-10-31"], "readiness": ["--as-of", "2026-10-31"],
             "selectors": ["--as-of", "2026-10-31"], "reporters": [], "trend": [], "reports": [], "errors": [],
             "diff": ["--as-of", "2026-10-31"], "export": ["--domain", "example.net"]}

suite.run("import", "--quiet", "--db", "t.db", SAMPLE)

# What spreadsheets are known to run, and letters from everywhere.
TEXTS = ("=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://example.net","x")', "http://example.net",
         "_x0041_", "日本語の組織", "Universität Übermaß", "a\tb", "two\nlines", "<b>&amp;</b>", "\u202ecod.exe", "x" * 16384,
         "1e5", "007", "2026-01-01", "TRUE", "'quoted", '"quoted"', "\uff1d1")
os.mkdir("evil")
for n, text in enumerate(TEXTS):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("\t", "&#9;")
    with open("evil/%02d.xml" % n, "wb") as f:
        f.write(report(n, record(ip="192.0.2.%d" % (n + 1)), org=escaped))
suite.run("import", "--quiet", "--db", "evil.db", "evil")


def ask(verb, path, *args, db="t.db"):
    return suite.run(verb, "--db", db, "--format", "xlsx", "--output", path, *args)


# --- the file ---------------------------------------------------------------------------------------------------------

for verb, args in QUESTIONS.items():
    done = ask(verb, verb + ".xlsx", *args)
    suite.equal("%s makes a workbook and says nothing" % verb, (done.returncode, done.out, done.err), (0, "", ""))
    with zipfile.ZipFile(verb + ".xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, content in parts.items():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(content)
    sheet = parts["xl/worksheets/sheet1.xml"]
    suite.check("%s: there is no formula and no link in it" % verb,
                not re.search(b"<f>|<f |hyperlink", sheet) and not any("externalLink" in n for n in parts), sheet[:500])
    suite.check("%s: the sheet has the verb's name" % verb, b'name="%s"' % verb.encode() in parts["xl/workbook.xml"],
                parts["xl/workbook.xml"])
with open("once.xlsx", "wb") as f:
    f.write(suite.run("export", "--db", "t.db", "--format", "xlsx", *QUESTIONS["export"]).stdout)
with open("once.xlsx", "rb") as a, open("export.xlsx", "rb") as b:
    suite.check("through a pipe it is the same, byte for byte", a.read() == b.read())
done = ask("import", "import.xlsx", SAMPLE)
suite.check("the figures of an import are a sheet too", done.returncode == 0 and zipfile.is_zipfile("import.xlsx"), done.err)


def sheets(path):
    with zipfile.ZipFile(path) as archive:
        return re.findall('<sheet name="([^"]*)"', archive.read("xl/workbook.xml").decode())


ALL_SHEETS = ["readiness", "sources", "reporters", "selectors", "compliance", "trend"]
for domains, expected in (([], ALL_SHEETS), (["Example.com"], ALL_SHEETS),
                          (["example.com", "example.org"], ["readiness", "sources", "selectors", "compliance"])):
    done = ask("report", "report.xlsx", "--as-of", "2026-10-31", *domains)
    suite.equal("report on %d named domains has a sheet for each question" % len(domains),
                (done.returncode, sheets("report.xlsx")), (0, expected))
    with zipfile.ZipFile("report.xlsx") as archive:
        found = set(re.findall(r"<t>(example\.[a-z]+)</t>", archive.read("xl/worksheets/sheet1.xml").decode()))
    suite.equal("and judges them", found,
                {d.lower() for d in domains} or {"example.com", "example.net", "example.org"})

terminal = subprocess.run(["script", "-qec", suite.binary + " summary --db t.db --format xlsx", "/dev/null"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=suite.environment, timeout=60) \
    if shutil.which("script") else None
if terminal:
    suite.check("a terminal gets none", terminal.returncode == 2 and b"--output FILE says where it goes" in terminal.stdout,
                terminal.returncode, terminal.stdout)
done = ask("summary", "never.xlsx", "--sort", "nosuch")
suite.check("a question that fails makes no file", done.returncode == 2 and not os.path.exists("never.xlsx"), done.err)
done = suite.run("summary", "--db", "t.db", "--format", "xlsx", stdin=None, env={"TMPDIR": "/nonexistent"})
suite.check("a temporary folder that is missing is told",
            done.returncode == 1 and "temporary file in /nonexistent" in done.err and not done.out, done.err)

# --- LibreOffice ------------------------------------------------------------------------------------------------------


def office_convert(paths, *how):
    """Files of any kind -> flat XML, which tells the type of each cell."""
    os.makedirs("office", exist_ok=True)
    subprocess.run(["soffice", "--headless", "-env:UserInstallation=file://%s/profile" % suite.folder, *how, "--convert-to", "fods",
                    "--outdir", "office", *paths], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   env={**suite.environment, "HOME": suite.folder}, timeout=110)


# What LibreOffice makes of a boolean cell.
BOOLEANS = ("of:=TRUE()", "of:=FALSE()")


def value_of(cell):
    """A cell as JSON has it, or nearly so."""
    kind = cell.get(OFFICE + "value-type")
    if cell.get(TABLE + "formula") in BOOLEANS:
        return cell.get(TABLE + "formula") == BOOLEANS[0]
    if kind in ("float", "percentage"):
        return float(cell.get(OFFICE + "value"))
    if kind == "date":
        value = cell.get(OFFICE + "date-value")
        return datetime.datetime.fromisoformat(value)
    if kind != "string":
        return None
    paragraphs = []
    for p in cell.findall(TEXT + "p"):
        for element in p.iter(TEXT + "s"):
            element.text = " " * int(element.get(TEXT + "c", "1"))
        for element in p.iter(TEXT + "tab"):
            element.text = "\t"
        paragraphs.append("".join(p.itertext()))
    return "\n".join(paragraphs)


def read_sheet(path):
    root = ElementTree.parse(path).getroot()
    formulas = [c.get(TABLE + "formula") for c in root.iter(TABLE + "table-cell")
                if c.get(TABLE + "formula") and c.get(TABLE + "formula") not in BOOLEANS]
    rows = []
    for row in next(root.iter(TABLE + "table")).iter(TABLE + "table-row"):
        cells = []
        for cell in row.iter(TABLE + "table-cell"):
            times = int(cell.get(TABLE + "number-columns-repeated", "1"))
            cells += [value_of(cell)] * min(times, 200)
        if any(c is not None for c in cells):
            rows += [cells] * min(int(row.get(TABLE + "number-rows-repeated", "1")), 1000)
    return rows, formulas


def same(cell, value):
    """Does the spreadsheet show the value of the JSON?"""
    if value is None:
        return cell is None
    if isinstance(value, bool) or isinstance(cell, bool):
        return cell is value
    if isinstance(value, (int, float)):
        return isinstance(cell, float) and abs(cell - value) <= 1e-6 * max(1, abs(value))  # JSON has six digits
    if isinstance(value, str) and isinstance(cell, datetime.datetime):
        return cell.isoformat()[:len(value.rstrip("Z"))] == value.rstrip("Z") and \
            ("T" in value or cell == datetime.datetime.fromisoformat(value))
    if isinstance(value, str):
        return cell == value
    if all(isinstance(v, str) for v in value):
        return (cell or "") == " ".join(value)
    return isinstance(cell, str)  # nested rows: as in CSV, compared there


def is_date(value):
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", value)


if not shutil.which("soffice"):
    print("ok %d - LibreOffice reads them # SKIP soffice (libreoffice-calc-nogui) is missing" % (suite.checks + 1))
    suite.checks += 1
    suite.finish()

for verb, args in {**QUESTIONS, "evil": []}.items():
    question, db = ("reports", "evil.db") if verb == "evil" else (verb, "t.db")
    with open(verb + "-table.csv", "wb") as f:
        f.write(suite.run(question, "--db", db, "--format", "csv", *args).stdout)
ask("reports", "evil.xlsx", db="evil.db")
office_convert([v + ".xlsx" for v in (*QUESTIONS, "evil")])
# As the dialogue of an import asks: separated by commas, quotes, UTF-8.
office_convert([v + "-table.csv" for v in (*QUESTIONS, "evil")], "--infilter=Text - txt - csv (StarCalc):44,34,76,1")

for verb, args in {**QUESTIONS, "evil": []}.items():
    question, db = ("reports", "evil.db") if verb == "evil" else (verb, "t.db")
    expected = json.loads(suite.run(question, "--db", db, "--format", "json", *args).out)["rows"]
    sheet, formulas = read_sheet("office/%s.fods" % verb)
    keys = list(expected[0])
    suite.equal("%s: LibreOffice sees the header" % verb, sheet[0][:len(keys)], keys)
    wrong = []
    for at, row in enumerate(expected):
        cells = (sheet[at + 1] if at + 1 < len(sheet) else []) + [None] * len(keys)
        wrong += [(at, key, cells[i], value) for i, (key, value) in enumerate(row.items()) if not same(cells[i], value)]
    suite.equal("%s: and the values of %d rows" % (verb, len(expected)), wrong[:5], [])
    dates = [(row, key) for row, values in enumerate(expected) for key, value in values.items() if is_date(value)]
    if verb != "evil":
        suite.check("%s: dates are dates" % verb,
                    all(isinstance(sheet[row + 1][keys.index(key)], datetime.datetime) for row, key in dates), dates[:3])
    suite.equal("%s: no formula" % verb, formulas, [])
    sheet, formulas = read_sheet("office/%s-table.fods" % verb)
    suite.equal("%s: no formula in the CSV" % verb, formulas, [])
    suite.check("%s: the CSV has as many rows and columns" % verb, len(sheet) >= len(expected) + 1 and
                [str(k) for k in sheet[0][:len(keys)]] == keys, len(sheet), sheet[0])

sheet, _ = read_sheet("office/evil.fods")
column = sheet[0].index("org_name")
suite.equal("strangers' texts come through a workbook as they are", {row[column] for row in sheet[1:]} ^ set(TEXTS), set())
guarded = {"'" + t if t[0] in "=+-@" else t for t in TEXTS}
sheet, _ = read_sheet("office/evil-table.fods")
texts = {str(row[column]) for row in sheet[1:]}
suite.equal("and through CSV those that could be formulas are guarded", {t for t in guarded if t[0] == "'"} - texts, set())
suite.check("letters from everywhere come through CSV", {"日本語の組織", "Universität Übermaß"} <= texts, texts)
suite.finish()
