#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Forty customers in one database: nothing that is made for one has a word of another."""
import os
import re
import zipfile

from harness import Suite, some

CUSTOMERS = 40
DAYS = 40
FIRST = 1790812800  # 2026-10-01
AS_OF = ("--as-of", "2026-11-09")
suite = Suite()


class Customer:
    def __init__(self, i):
        self.number = i
        self.name = "customer%02d" % i
        self.domains = ["c%02da.example" % i] + (["c%02db.example" % i] if i % 3 == 0 else [])
        self.below = "news.c%02da.example" % i
        self.own = "203.0.113.%d" % (100 + i)
        self.strange = "2001:db8:%x::9" % (0x1000 + i)
        self.unknown = "198.51.100.%d" % (100 + i)
        self.signer = "signer%02d.example" % i
        self.selector = "sel%02d" % i
        self.reporter = "receiver%02d.example" % i
        self.partner = "partner%02d.example" % i
        self.owner = "owner%02d@office.example" % i
        self.ticket = "TICKET-%02d" % i

    def words(self):
        return [*self.domains, self.below, self.own, self.strange, self.unknown, self.signer, self.selector,
                self.reporter, self.partner, self.owner, self.ticket]


customers = [Customer(i) for i in range(CUSTOMERS)]


def record(ip, count, sender, dkim, to, signer=None, selector="k1"):
    result = "pass" if dkim else "fail"
    aligned = result if not signer else "fail"
    return ("<record><row><source_ip>%s</source_ip><count>%d</count><policy_evaluated><disposition>none</disposition>"
            "<dkim>%s</dkim><spf>fail</spf></policy_evaluated></row><identifiers><envelope_to>%s</envelope_to>"
            "<header_from>%s</header_from></identifiers><auth_results><dkim><domain>%s</domain><selector>%s</selector>"
            "<result>%s</result></dkim><spf><domain>bounce.%s</domain><result>fail</result></spf></auth_results></record>"
            % (ip, count, aligned, to, sender, signer or sender, selector, result, signer or sender))


def reports_of(c, domain, day):
    """Own mail, which breaks in the end; a sender that nobody knows; a stranger; a name below."""
    broken = day >= DAYS - 5
    rows = record(c.own, 60 + day % 7, domain, not broken, c.partner, selector=c.selector)
    rows += record(c.unknown, 9, domain, True, c.partner, signer=c.signer)
    rows += record(c.own, 12, c.below if domain == c.domains[0] else domain, True, c.partner, selector=c.selector)
    if day % 9 == 0:
        rows += record(c.strange, 4, domain, False, c.partner)
    for reporter in ("large.example", c.reporter):
        yield ("<feedback><report_metadata><org_name>%s</org_name><email>noc@%s</email><report_id>%s-%s-%d</report_id>"
               "<date_range><begin>%d</begin><end>%d</end></date_range></report_metadata><policy_published><domain>%s"
               "</domain><p>%s</p><fo>%d</fo></policy_published>%s</feedback>"
               % (reporter, reporter, domain, reporter, day, FIRST + day * 86400, FIRST + day * 86400 + 86399, domain,
                  "quarantine" if day > 25 else "none", day, rows))


os.mkdir("in")
number = 0
for c in customers:
    for d in c.domains:
        for day in range(DAYS):
            for text in reports_of(c, d, day):
                number += 1
                with open("in/%d.xml" % number, "w") as f:
                    f.write(text)
suite.equal("all is imported", suite.run("import", "--quiet", "--db", "t.db", "in").returncode, 0)
with open("groups.conf", "w") as f:
    for c in customers:
        f.write("[group %s]\ndomains = %s\n" % (c.name, c.domains[0] if c.domains[1:] else "*" + c.domains[0][1:]))
        if c.domains[1:]:
            f.write("domains = %s*\n" % c.domains[1][:-7])
# A glob of one customer's must not meet another's: "*02a.example" is its own.
with open("labels.ini", "w") as f:
    for c in customers:
        f.write("[%s]\ndomain = %s\nlabel = legitimate\nowner = %s\nticket = %s\nreview = 2026-11-01\nexpected = 900/week\n"
                "made = 2026-10-10T00:00:00Z\n"
                % (c.signer, c.domains[0], c.owner, c.ticket))
done = suite.run("label", "--db", "t.db", "--import", "labels.ini")
suite.equal("labels are taken", done.returncode, 0)
suite.environment["DMARCCTL_CONFIG"] = "groups.conf"

# What a customer is known by, with the number of the customer in it.
WORD = re.compile(r"\bc(\d\d)[ab]\.example|\b(?:customer|signer|sel|receiver|partner|owner|TICKET-)(\d\d)(?!\d)"
                  r"|(?:203\.0\.113|198\.51\.100)\.1(\d\d)(?!\d)|2001:db8:10([0-9a-f]{2})::9")


def number_of(met):
    return int(met.group(4), 16) if met.group(4) else int(met.group(1) or met.group(2) or met.group(3))


def foreign(c, text):
    """The first word in a text for a customer that is another's."""
    return next((met.group(0) for met in WORD.finditer(text) if number_of(met) != c.number), None)


def texts_of(path):
    if path.endswith(".xlsx"):
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                yield name, book.read(name).decode("utf-8", "replace")
    else:
        with open(path) as f:
            yield path, f.read()


suite.equal("each word of another's would be found, and none of its own",
            ([w for w in customers[17].words() if not foreign(customers[3], "to " + w + " or")],
             [w for w in customers[3].words() if foreign(customers[3], w)]), ([], []))

told = {r["kind"]: r["text"] for r in suite.rows("findings", "--db", "t.db", *AS_OF, "--group", "customer04")}
suite.equal("a label to be reviewed is told with whom to ask", told.get("review_due"),
            "labelled legitimate on 2026-10-10, owner owner04@office.example, ticket TICKET-04, to be reviewed on 2026-11-01")
suite.equal("and mail that does not come as it is expected", told.get("expected_volume"),
            "126 messages in the 7 days with reports to 2026-11-09, where 900 are expected, since 2026-10-07; owner "
            "owner04@office.example")

# --- the folders

for form in ("html", "markdown"):
    done = suite.run("report", "--db", "t.db", *AS_OF, "--each-group", "--format", form, "--output", form + "/")
    suite.equal("%s: pages are written" % form, (done.returncode, done.err), (0, ""))
    suite.equal("%s: a folder for each" % form, sorted(os.listdir(form)), [c.name for c in customers])
    wrong, empty = [], []
    for c in customers:
        suffix = ".md" if form == "markdown" else ".html"
        names = sorted(os.listdir(os.path.join(form, c.name)))
        if names != sorted([d + suffix for d in c.domains] + ["index" + suffix]):
            wrong.append((c.name, names))
        for name in names:
            for part, text in texts_of(os.path.join(form, c.name, name)):
                if foreign(c, text) or foreign(c, name):
                    wrong.append((c.name, name, foreign(c, text)))
                if c.domains[0] not in text and name.startswith(c.domains[0]):
                    empty.append(name)
    suite.equal("%s: each has the pages of its domains, and no word of another's" % form, (wrong, empty), ([], []))
page = open("html/customer00/c00a.example.html").read()
suite.equal("but its own words", [w for w in customers[0].words() if w not in page and w not in
                                  (customers[0].domains[1], customers[0].ticket, customers[0].owner)], [])

# --- every other answer

VERBS = [("summary",), ("sources", *AS_OF), ("sources", "--by", "address"), ("sources", "--by", "network"),
         ("sources", *AS_OF, "--by", "cause"), ("sources", *AS_OF, "--unowned"), ("reporters",), ("trend",), ("reports",),
         ("export",), ("readiness", *AS_OF), ("readiness", *AS_OF, "--backtest"), ("plan", *AS_OF),
         ("selectors", *AS_OF), ("compliance", *AS_OF), ("partners", *AS_OF), ("whatif", *AS_OF, "--p", "reject"),
         ("diff", *AS_OF), ("findings", *AS_OF), ("portfolio", *AS_OF), ("check", *AS_OF), ("effect", *AS_OF)]
for verb in VERBS:
    wrong, silent = [], []
    for c in some(customers, 8, len(verb)):
        for form in ("text", "json", "csv") if verb[0] in ("findings", "diff") else ("json",):
            done = suite.run(*verb, "--db", "t.db", "--group", c.name, "--format", form)
            if foreign(c, done.out + done.err) or done.returncode > (3 if verb[0] == "check" else 0):
                wrong.append((c.name, form, foreign(c, done.out + done.err), done.returncode, done.err))
            if c.domains[0] not in done.out and verb[0] not in ("trend", "reporters", "portfolio", "effect"):
                silent.append((c.name, form))
    suite.equal("%s: one customer's answer has no word of another's" % " ".join(verb), (wrong, silent), ([], []))
for form in ("ndjson", "parsedmarc-csv", "parsedmarc-json", "openmetrics"):
    wrong = []
    for c in some(customers, 8):
        done = suite.run("export", "--db", "t.db", "--group", c.name, "--format", form,
                         *(AS_OF if form == "openmetrics" else ()))
        if foreign(c, done.out + done.err) or c.domains[0] not in done.out:
            wrong.append((c.name, foreign(c, done.out), done.err))
    suite.equal("export --format %s: likewise" % form, wrong, [])
for verb in (("report", *AS_OF), ("findings", *AS_OF), ("export",)):
    wrong = []
    for c in some(customers[::4], 4):
        done = suite.run(*verb, "--db", "t.db", "--group", c.name, "--format", "xlsx", "--output", "one.xlsx")
        if done.returncode:
            wrong.append(done.err)
        for part, text in texts_of("one.xlsx"):
            if foreign(c, text):
                wrong.append((c.name, part, foreign(c, text)))
    suite.equal("%s --format xlsx: likewise" % verb[0], wrong, [])

# --- one customer's domain below another's: what is said of the one above is the other's

def below(domain, begin, *senders):
    rows = "".join(record(ip, count, sender, True, "to.example") for ip, count, sender in senders)
    return ("<feedback><report_metadata><org_name>%s-reporter.example</org_name><email>noc@r.example</email><report_id>%s-%d"
            "</report_id><date_range><begin>%d</begin><end>%d</end></date_range></report_metadata><policy_published><domain>%s"
            "</domain><p>none</p></policy_published>%s</feedback>" % (domain, domain, begin, begin, begin + 86399, domain, rows))


os.mkdir("above")
for day in range(20):
    for name, text in (("up", below("up.example", FIRST + day * 86400, ("192.0.2.1", 900, "up.example"),
                                    ("192.0.2.77", 70, "sub.up.example"), ("192.0.2.78", 1, "kept.up.example"))),
                       ("sub", below("sub.up.example", FIRST + day * 86400, ("192.0.2.2", 3, "sub.up.example"))),
                       ("own", below("own.example", FIRST + day * 86400, ("192.0.2.3", 4, "own.example")))):
        with open("above/%s-%d.xml" % (name, day), "w") as f:
            f.write(text)
suite.run("import", "--quiet", "--db", "above.db", "above")
with open("above.conf", "w") as f:
    f.write("[group below]\ndomains = own.example, sub.up.example\n[group above]\ndomains = up.example\n")
for form in ("html", "markdown", "xlsx"):
    done = suite.run("report", "--db", "above.db", "--as-of", "2026-10-20", "--group", "below", "--format", form, "--output",
                     "above.out." + form, env={"DMARCCTL_CONFIG": "above.conf"})
    texts = [text for _, text in texts_of("above.out." + form)]
    suite.equal("report --format %s: a domain above is another's, with all that is said of it" % form,
                (done.returncode, [w for w in (">up.example", "|up.example", " up.example", "up.example-reporter", "192.0.2.77")
                                   for t in texts if w in t.replace("sub.up.example", "")]), (0, []))
with open("above.conf", "a") as f:
    f.write("[group kept]\ndomains = kept.up.example\n[group nobody]\ndomains = nobody.example\n")
for group in "kept", "nobody":
    done = suite.run("report", "--db", "above.db", "--group", group, "--format", "markdown",
                     env={"DMARCCTL_CONFIG": "above.conf"})
    suite.check("%s: a group without a domain to judge is told so" % group, done.returncode == 0 and
                "No domain is stored that matches." in done.out and "up.example" not in done.out, done.out, done.err)
done = suite.run("export", "--db", "above.db", "--as-of", "2026-10-20", "--group", "below", "--format", "openmetrics",
                 env={"DMARCCTL_CONFIG": "above.conf"})
suite.check("openmetrics: likewise", "dmarcctl_stored_records 40\n" in done.out, done.out[-3000:], done.err)
suite.equal("and nothing of the machine, which has other people's documents", re.findall(
    r"^dmarcctl_(?:documents|mailbox|newest_ended)\w*.*", done.out, re.M), [])
done = suite.run("export", "--db", "above.db", "--as-of", "2026-10-20", "--format", "openmetrics")
suite.check("which is told where everything is", 'dmarcctl_documents{outcome="new"} 60\n' in done.out and
            "dmarcctl_newest_ended" in done.out, done.out[-3000:])

# Each output of a group has what is in the reports about its domains, and nothing out of those about the one above.
JUDGED_THERE = ("--as-of", "2026-10-20")
OUTPUTS = [*((verb[0], *(JUDGED_THERE if AS_OF[0] in verb else ()), *[w for w in verb[1:] if w not in AS_OF], "--format", form)
             for verb in VERBS for form in (("json", "csv", "html", "markdown") if verb[0] == "export" else ("json",))),
           *(("export", "--format", form) for form in ("ndjson", "parsedmarc-csv", "parsedmarc-json", "elastic-bulk",
                                                      "splunk-hec", "syslog")),
           ("export", "--judged", *JUDGED_THERE, "--format", "json")]
for output in OUTPUTS:
    answers = [suite.run(*output, "--db", "above.db", "--group", group, env={"DMARCCTL_CONFIG": "above.conf"})
               for group in ("below", "kept")]
    suite.equal("%s: nothing out of reports about a domain above" % " ".join(output),
                [(a.err, re.findall(r"(?<![\w.])up\.example\S*|192\.0\.2\.7[78]", a.out)) for a in answers], [("", [])] * 2)
for verb in (("summary",), ("sources", "--by", "address"), ("reports",), ("export",)):
    done = suite.run(*verb, "--db", "above.db", "--group", "below", "--domain", "kept.up.example", "--format", "ndjson",
                     env={"DMARCCTL_CONFIG": "above.conf"})
    suite.check("%s: --domain beside it reaches up, as it does alone" % " ".join(verb),
                "192.0.2.78" in done.out or '"up.example"' in done.out, done.out, done.err)
done = suite.run("readiness", "--db", "above.db", *JUDGED_THERE, "--group", "below", "--format", "ndjson", "up.example",
                 env={"DMARCCTL_CONFIG": "above.conf"})
suite.equal("and a domain above that is named is judged beside the group", re.findall(r'^{"domain":"([^"]*)', done.out, re.M),
            ["own.example", "sub.up.example", "up.example"])

# --- which folders, and what lies in them

done = suite.run("report", "--db", "t.db", *AS_OF, "--group", "customer05", "--group", "CUSTOMER07", "--output", "two/")
suite.equal("--group names those that are wanted", (done.returncode, sorted(os.listdir("two"))),
            (0, ["customer05", "customer07"]))
os.rename("html/customer05/c05a.example.html", "html/customer06/c05a.example.html")
done = suite.run("report", "--db", "t.db", *AS_OF, "--group", "customer06", "--output", "html")
suite.check("a page that is no longer theirs is told",
            done.returncode == 0 and "html/customer06/c05a.example.html: is no page of [group customer06] now" in done.err,
            done.err)
done = suite.run("report", "--db", "t.db", "--each-group")
suite.check("a folder has to be named", done.returncode == 2 and "--output FOLDER/" in done.err, done.err)
done = suite.run("report", "--db", "t.db", "--each-group", "--output", "x/", "c01a.example")
suite.check("domains beside groups are refused", done.returncode == 2 and "leave out" in done.err, done.err)
done = suite.run("report", "--db", "t.db", "--each-group", "--output", "x/", env={"DMARCCTL_CONFIG": "/dev/null"})
suite.check("a configuration without groups is told", done.returncode == 2 and "no [group NAME]" in done.err, done.err)
suite.finish()
