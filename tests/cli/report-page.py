#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page that 'dmarcctl report' writes, in a real browser: it loads nothing, complains of nothing, says what the other
formats say, can be used by keyboard, and is legible from 360 px up, by day and by night.

With PICTURES=FOLDER in the environment it leaves pictures there, to be looked at."""
import os
import re

from browser import Browser, Missing
from harness import SAMPLE, Suite, record, report

AS_OF = ("--as-of", "2026-10-31")
suite = Suite()
pictures = os.environ.get("PICTURES")

# Every cell and heading whose own text is fainter than WCAG's AA asks for (4.5 : 1; large bold text 3 : 1).
CONTRAST = """(() => {
  const channel = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  const faint = [];
  for (const e of document.body.querySelectorAll("*")) {
    if (e.closest("svg,script,.skip") || !Array.from(e.childNodes).some(n => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e), a = light(parse(style.color)), b = light(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), size = parseFloat(style.fontSize);
    if (ratio < (size >= 18.66 && style.fontWeight >= 700 ? 3 : 4.5)) faint.push(e.outerHTML.slice(0, 80) + " " + ratio);
  }
  return faint;
})()"""
TABLES = """Object.fromEntries(Array.from(document.querySelectorAll("table"), t => [t.caption.textContent,
  Array.from(t.tBodies[0].rows, r => Array.from(r.cells, c => c.dataset.sort !== undefined ? Number(c.dataset.sort)
    : c.classList.contains("x") ? null : c.textContent))]))"""
WIDE = """Array.from(document.querySelectorAll(".scroll")).filter(e => e.scrollWidth > e.clientWidth + 1).map(
  e => e.getAttribute("aria-label"))"""
# The classes of streams as the page sorts senders; and the messages of each row.
SORTS = {"Yours": ("own", "own_broken", "legitimate"), "Undecided": ("undecided",),
         "Passed on by others": ("forwarder", "forwarder_modified"), "Forged": ("suspicious", "unauthorised")}
SENDERS = """Array.from(document.querySelectorAll("table")).filter(t => /, by sender/.test(t.caption.textContent)).map(t =>
  [t.caption.textContent, Array.from(t.querySelectorAll("[data-label=messages]"), c => Number(c.dataset.sort))])"""
# What sticks out of a narrow window is seen by nobody, unless it lies in something that scrolls.
OVERFLOW = """(() => { const wide = document.documentElement.clientWidth; return {
  page: document.documentElement.scrollWidth - wide,
  parts: Array.from(document.body.querySelectorAll("*")).filter(e => !e.closest(".scroll,.skip,.inks,defs") &&
    e.getBoundingClientRect().right > wide + 1).map(e => e.outerHTML.slice(0, 90)) }; })()"""


def find(tables, beginning):
    return next(rows for caption, rows in tables.items() if caption.startswith(beginning))


def check_sound(browser, what):
    suite.equal("%s: the console stays silent" % what, browser.complaints(), [])
    suite.equal("%s: nothing but the file itself is asked for" % what,
                [u for u in browser.requests() if not u.startswith("file://")] + browser.requests()[1:], [])


def check_legible(browser, what):
    for scheme in ("light", "dark"):
        browser.look(1280, scheme)
        suite.equal("%s: all text has the contrast of AA, %s" % (what, scheme), browser.evaluate(CONTRAST), [])
        if pictures:
            browser.picture(os.path.join(pictures, "%s-%s.png" % (what, scheme)))
    for width in (1280, 1024, 360):
        browser.look(width)
        suite.equal("%s: no table is wider than its place at %d px" % (what, width), browser.evaluate(WIDE), [])
    for width in (360, 768):
        browser.look(width)
        suite.equal("%s: nothing sticks out at %d px" % (what, width), browser.evaluate(OVERFLOW), {"page": 0, "parts": []})
        if pictures:
            browser.picture(os.path.join(pictures, "%s-%d.png" % (what, width)))
    browser.look(1280)


def check_figures(browser):
    tables = browser.evaluate(TABLES)
    judged = suite.rows("readiness", "--db", "t.db", "example.com", *AS_OF)[0]
    window = ("--domain", "example.com", "--since", judged["window_begin"], "--until", judged["window_end"])
    page = browser.evaluate("document.querySelector('main').innerText")
    suite.check("the verdict is readiness's", judged["verdict"] in page and judged["reason"] in page, page[:500])
    suite.check("the next record is readiness's", judged["next_record"] in page, judged["next_record"])
    own = browser.evaluate("document.querySelector('.figures dd').textContent")
    suite.equal("own mail passes as readiness says", float(own.split()[0]), round(100 * judged["own_pass_rate"], 1))
    suite.equal("all gates are there", sorted(row[3] for row in find(tables, "Each figure")), sorted(g["state"] for g in judged["gates"]))
    suite.equal("those that fail come first", [row[3] for row in find(tables, "Each figure")][:2], ["FAIL", "FAIL"])
    suite.check("each blocker has its repair", all(b["repair"] in page for b in judged["blockers"]) and judged["blockers"],
                judged["blockers"])
    counted = dict.fromkeys(SORTS, 0)
    for row in suite.rows("whatif", "--db", "t.db", "example.com", "--p", "quarantine", "--by", "class", *AS_OF):
        counted[next(sort for sort, classes in SORTS.items() if row["class"] in classes)] += row["messages"]
    told = browser.evaluate("Array.from(document.querySelectorAll('h3,summary'), e => e.textContent)")
    told = dict(re.match(r"([^:]+): ([\d,]+) message", t).groups() for t in told if re.match("(%s):" % "|".join(SORTS), t))
    suite.equal("the sums of senders are those of the judgement", {k: int(v.replace(",", "")) for k, v in told.items()}, counted)
    listed = {c.split(",")[0]: sum(n) for c, n in browser.evaluate(SENDERS)}
    suite.equal("and their rows add up to them", listed, {**counted, "Forged": listed["Forged"]})      # it has the first 100
    suite.equal("own mail is what the verdict counts", counted["Yours"], judged["own_messages"])
    streams = suite.rows("sources", "--db", "t.db", *window, *AS_OF)
    suite.equal("what fails is bad news of the owner's mail alone", browser.evaluate(
        "Array.from(document.querySelectorAll('table')).filter(t => / by sender/.test(t.caption.textContent) && "
        "t.querySelector('.poor,.fair,.good')).map(t => t.caption.textContent.split(',')[0])"), ["Yours"])
    suite.equal("the selectors are those of 'selectors'", [r[2] for r in find(tables, "The DKIM keys")],
                [r["messages"] for r in suite.rows("selectors", "--db", "t.db", "example.com", *AS_OF)])
    suite.equal("the senders are those of 'compliance'", [(r[0], r[1]) for r in find(tables, "By sender")],
                [(r["source"], r["messages"]) for r in suite.rows("compliance", "--db", "t.db", "example.com", *AS_OF)])
    suite.equal("the reporters are those of 'reporters'", [(r[0], r[1]) for r in find(tables, "Who reported")],
                [(r["reporter"], r["messages"]) for r in suite.rows("reporters", "--db", "t.db", *window)])
    trend = {r["day"]: r for r in suite.rows("trend", "--db", "t.db", "--domain", "example.com") if r["messages"]}
    days = find(tables, "Messages a day, by whose they are")
    suite.equal("the days are those of 'trend'", {r[0]: r[6] for r in days}, {d: r["messages"] for d, r in trend.items()})
    suite.check("each message is somebody's", all(sum(r[1:6]) == r[6] for r in days), days)
    own_days = find(tables, "How your own mail authenticates")
    suite.equal("own mail is the same in both tables", [sum(r[1:3]) for r in days if sum(r[1:3])],
                [sum(r[1:5]) for r in own_days if sum(r[1:5])])
    # A judgement takes a report on the day of its middle; days are shown with their share of a week's report.
    suite.equal("own mail of the judged days is that of the sources",
                sum(sum(r[1:5]) for r in own_days if judged["window_begin"] <= r[0] <= judged["window_end"]),
                sum(r["messages"] for r in streams if r["class"] == "own"))


def check_chart(browser):
    chart = browser.evaluate("""Array.from(document.querySelectorAll(".chart svg.plot"), s => ({role: s.getAttribute("role"),
      names: s.getAttribute("aria-labelledby").split(" ").map(i => document.getElementById(i).textContent),
      bars: s.querySelectorAll("g:has(.hit)").length, inks: new Set(Array.from(s.querySelectorAll("[class^=ink]"), r => r.className
      .baseVal)).size, titles: s.querySelectorAll("g:has(.hit) > title").length}))""")
    suite.check("each chart has a name and a description", len(chart) == 1 and all(
        c["role"] == "img" and all(c["names"]) for c in chart), chart)
    suite.check("each bar says what it is", all(c["bars"] == c["titles"] > 20 for c in chart), chart)
    suite.check("parts differ by pattern", all(c["inks"] >= 4 for c in chart), chart)
    suite.equal("identifiers are unique", browser.evaluate("""(() => { const all = Array.from(document.querySelectorAll("[id]"),
      e => e.id); return all.filter((id, i) => all.indexOf(id) !== i); })()"""), [])


def check_keyboard(browser):
    browser.evaluate("document.querySelectorAll('details').forEach(d => { d.open = d.textContent.startsWith('Forged'); })")
    # Where the way with Tab begins is otherwise the browser's guess from what was scrolled to.
    browser.evaluate("window.scrollTo(0, 0); document.activeElement.blur(); getSelection().collapse(document.body, 0)")
    browser.press("Tab")
    suite.check("the first stop is the way past the head", browser.evaluate("document.activeElement.className") == "skip")
    wanted = "document.activeElement.closest('table')?.caption.textContent.startsWith('Forged') && " \
             "document.activeElement.tagName === 'BUTTON' && document.activeElement.textContent.trim() === 'messages'"
    for _ in range(120):
        browser.press("Tab")
        if browser.evaluate(wanted):
            break
    suite.check("Tab reaches the head of a column", browser.evaluate(wanted))
    suite.check("where the focus is can be seen", browser.evaluate(
        "getComputedStyle(document.activeElement).outlineStyle") == "solid")
    column = "Array.from(document.activeElement.closest('table').tBodies[0].rows, r => Number(r.querySelector('[data-label=messages]').dataset.sort))"
    states = []
    for _ in range(2):
        browser.press("Enter")
        values = browser.evaluate(column)
        states.append((browser.evaluate("document.activeElement.closest('th').getAttribute('aria-sort')"),
                       values == sorted(values), values == sorted(values, reverse=True)))
    suite.equal("Enter sorts, and sorts the other way", states, [("descending", False, True), ("ascending", True, False)])
    browser.evaluate("document.activeElement.closest('.scroll').previousElementSibling.querySelector('input').focus()")
    browser.call("Input.insertText", text="a13b")
    shown = browser.evaluate("Array.from(document.activeElement.closest('.filter').nextElementSibling.querySelectorAll("
                             "'tbody tr:not([hidden])'), r => r.textContent)")
    suite.check("the filter leaves the rows that hold its words", shown and all("a13b" in r for r in shown), shown)
    suite.equal("without a script no control stands there", re.findall(r"<(?:button|input)\b", open("one.html").read().split("<script>")[0]),
                [])


def check_hostile(browser):
    """Whatever a report says, it stays text: see also hostile-text.py."""
    evil = ["<img src=x onerror=\"document.title='run'\">", "</style><script>document.title='run'</script>", "x\u202ecod",
            "\u05d0\u05d1\u05d2 123", "https://example.net/click", "javascript:alert(1)", "a" * 16000, "' onmouseover='x", "]]>\u009b1m"]
    os.mkdir("evil")
    for n, text in enumerate(evil):
        safe = text.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "]]&gt;")
        with open("evil/%d.xml" % n, "wb") as file:
            file.write(report(str(n), record(ip="192.0.2.%d" % (n + 1), header_from=safe), org=safe, domain=safe if n < 4 else "example.com"))
    suite.run("import", "--quiet", "--db", "e.db", "evil")
    done = suite.run("report", "--db", "e.db", "--output", "evil.html")
    suite.equal("a page of hostile reports is written", (done.returncode, done.err), (0, ""))
    browser.open("evil.html")
    check_sound(browser, "hostile texts")
    suite.check("nothing ran", browser.evaluate("document.title").startswith("DMARC report"), browser.evaluate("document.title"))
    suite.equal("no element came from a text, and no attribute", browser.evaluate(
        "[document.images.length, document.scripts.length, document.querySelectorAll('[onmouseover],[style]').length, "
        "Array.from(document.links).filter(a => !a.getAttribute('href').startsWith('#')).length]"), [0, 1, 0, 0])
    suite.check("what was said can be read", evil[0] in browser.evaluate("document.body.textContent"))
    browser.look(360)
    suite.equal("and nothing sticks out", browser.evaluate(OVERFLOW), {"page": 0, "parts": []})
    suite.check("right-to-left letters are kept apart", browser.evaluate("document.querySelectorAll('bdi').length") > 0)
    done = suite.run("report", "--db", "e.db", "--output", "pages/")
    suite.equal("and a folder of their pages", (done.returncode, sorted(os.listdir("."))),
                (0, sorted(set(os.listdir(".")) | {"pages"})))
    suite.equal("in which no name is a stranger's", [n for n in os.listdir("pages") if not re.fullmatch(r"[a-z0-9._-]+", n)], [])


def check_choice(browser):
    """A verdict that is chosen hides the others; the style sheet does it."""
    shown = "Array.from(document.querySelectorAll('.option')).filter(e => e.offsetHeight).map(e => e.querySelector('h2').textContent)"
    everything = browser.evaluate(shown)
    suite.check("each verdict there is has its part, what needs somebody first", [t.split("(")[1].split(")")[0] for t in everything]
                == ["NEEDS_DECISION", "READY"] and len(everything) == 2, everything)
    chosen = []
    for n in (2, 1, 0):
        browser.evaluate("document.querySelectorAll('.choice label')[%d].click()" % n)
        chosen.append(browser.evaluate(shown))
    suite.equal("a click on a verdict leaves its domains alone, and one on all brings them back", chosen,
                [everything[1:], everything[:1], everything])
    browser.evaluate("document.querySelector('.chosen').focus()")
    browser.press("ArrowRight", 39)
    suite.equal("so does a key", browser.evaluate(shown), everything[:1])
    suite.check("where the focus is can be seen there too", browser.evaluate(
        "getComputedStyle(document.querySelectorAll('.choice label')[1]).outlineStyle") == "solid")


def check_fleet(browser):
    """Many domains, in chunks that are one to who sorts and filters."""
    os.mkdir("fleet")
    for n in range(600):
        with open("fleet/%d.xml" % n, "wb") as file:
            file.write(report("f%d" % n, record(count=n + 1, header_from="d%03d.example" % n), domain="d%03d.example" % n))
    suite.run("import", "--quiet", "--db", "f.db", "fleet")
    suite.run("report", "--db", "f.db", "--as-of", "2026-10-02", "--output", "fleet.html")
    browser.open("fleet.html")
    check_sound(browser, "a fleet")
    chunks = "Array.from(document.querySelectorAll('.chunk tbody'), b => b.rows.length)"
    first = "document.querySelector('tbody th').textContent"
    suite.equal("its rows come in chunks", browser.evaluate(chunks), [250, 250, 100])
    browser.evaluate("document.querySelectorAll('.chunk')[1].querySelector('thead button').click()")
    suite.equal("which sort as one", [browser.evaluate(first), browser.evaluate(
        "Array.from(document.querySelectorAll('thead'), h => h.querySelector('th').getAttribute('aria-sort'))")],
        ["d000.example", ["ascending"] * 3])
    browser.evaluate("document.querySelector('.filter input').focus()")
    browser.call("Input.insertText", text="d59")
    suite.equal("and filter as one", browser.evaluate("document.querySelector('.filter span').textContent"), "10 of 600 rows")
    suite.equal("an empty chunk goes", browser.evaluate("Array.from(document.querySelectorAll('.chunk'), c => c.hidden)"),
                [True, True, False])


def run(browser):
    suite.run("import", "--quiet", "--db", "t.db", SAMPLE)
    suite.run("report", "--db", "t.db", *AS_OF, "example.com", "--output", "one.html")
    browser.open("one.html")
    check_sound(browser, "one domain")
    check_figures(browser)
    check_chart(browser)
    check_legible(browser, "one domain")
    check_keyboard(browser)
    if pictures:
        browser.paper(os.path.join(pictures, "one domain.pdf"))
    suite.run("report", "--db", "t.db", *AS_OF, "--output", "all.html")
    browser.open("all.html")
    check_sound(browser, "all domains")
    check_legible(browser, "all domains")
    suite.check("each row leads to its part of the page", browser.evaluate(
        "Array.from(document.querySelectorAll('tbody a'), a => document.querySelector(a.getAttribute('href'))?.textContent "
        "=== a.textContent)") == [True] * 3)
    suite.equal("and each part leads back", browser.evaluate("document.querySelectorAll('.up a[href=\"#page\"]').length"), 3)
    suite.run("report", "--db", "t.db", *AS_OF, "--output", "folder/")
    browser.open("folder/index.html")
    check_sound(browser, "a folder")
    check_legible(browser, "a folder")
    suite.equal("each row leads to its file", sorted(browser.evaluate("Array.from(document.querySelectorAll('tbody a'), a => "
                "a.getAttribute('href'))") + ["index.html"]), sorted(os.listdir("folder")))
    suite.equal("and back from each", [open("folder/" + n).read().count('href="index.html"') for n in sorted(os.listdir("folder"))
                                       if n != "index.html"], [1, 1, 1])
    check_choice(browser)
    check_fleet(browser)
    check_hostile(browser)


try:
    chromium = Browser()
except Missing as reason:
    print("ok 1 - the page in a browser # SKIP %s" % reason)
    suite.checks = 1
    suite.finish()
try:
    run(chromium)
finally:
    chromium.close()
suite.finish()
