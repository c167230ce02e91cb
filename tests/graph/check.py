#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import by Microsoft Graph from a small service of our own: cursor, folders, what becomes of the mails, throttling, lists
that are forgotten, tokens that are refused, answers that are hostile; and killed at every step."""
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "imap"))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import authorization  # noqa: E402
import messages  # noqa: E402
from graph_server import Cut, GraphServer, TOKEN  # noqa: E402
from harness import Suite, query, reports  # noqa: E402

s = Suite()
s.environment.update(no_proxy="*")
servers = []


def serve(mails=(), **options):
    servers.append(GraphServer(mails, **options))
    return servers[-1]


def arguments(server, *args, db, folder="INBOX", token="echo " + TOKEN, retries="0", timeout="5",
              user="dmarc@example.com"):
    return ["import", "--db", db, "--graph-url", server.base, "--token-command", token, "--retries", retries, "--timeout",
            timeout, *args, "graph://%s/%s" % (user, folder)]


def run(server, *args, **more):
    return s.run(*arguments(server, *args, **more))


FIVE = [messages.report_mail(n) for n in range(5)]
ALL_FIVE = ["report-%d" % n for n in range(5)]

# --- reading ----------------------------------------------------------------------------------------------------------
server = serve(FIVE)
done = run(server, db="a.db")
s.equal("mails of several pages are read", (done.returncode, reports("a.db")), (0, ALL_FIVE))
s.check("... and nothing but GET was said", all(line.startswith("GET ") for line in server.log), server.log)
count = len(server.log)
done = run(server, db="a.db")
s.check("a second run asks for changes alone, and finds nothing new", "nothing new" in done.out and
        sum("/$value" in line for line in server.log[count:]) == 0 and "deltatoken" in server.log[-1],
        done.out, server.log[count:])
server.add(messages.report_mail(5))
gone = server.names()[0]
server.remove(gone)
done = run(server, db="a.db")
s.equal("what came is read", reports("a.db")[5:], ["report-5"])
s.equal("... and what is gone is forgotten", query("a.db", "SELECT count(*) FROM mailbox_name WHERE name = '%s'" % gone),
        [(0,)])
s.equal("status names the folder and how it stands",
        [(row["account"], row["folder"], row["state"], row["pending_uids"]) for row in s.rows("status", "--db", "a.db")][:1],
        [("dmarc@example.com:443", "INBOX", "read", 0)])
done = run(serve(FIVE), "--dry-run", db="none.db")
s.check("a dry run writes nothing", "Would import 5 reports" in done.out and not os.path.exists("none.db"), done.out)
mixed = serve([messages.report_mail(1), messages.plain_mail(), messages.broken_mail()])
done = run(mixed, db="mixed.db")
s.check("a broken mail is told with the folder's URL", done.returncode == 3
        and "graph://dmarc@example.com/INBOX: uid 3" in done.err, done.err)
large = serve([messages.report_mail(1, pad=1 << 20), messages.report_mail(2)])
done = run(large, "--max-mail-size", "100K", db="large.db")
s.check("a mail above --max-mail-size is told", done.returncode == 3 and "--max-mail-size" in done.err
        and reports("large.db") == ["report-2"], done.err)
said = done.err
done = run(large, db="large.db")
s.equal("... and not asked for with a larger one", (done.returncode, reports("large.db")), (0, ["report-2"]))
done = run(large, "--again", db="large.db")
s.check("... but with --again, which is told", "--again" in said and reports("large.db") == ["report-2", "report-1"], said, done.err)
done = run(large, db="large2.db")
s.equal("one that is larger than memory is for is read", reports("large2.db"), ["report-1", "report-2"])
old = serve()
for n, came in enumerate(("2026-09-01T00:00:00Z", "2026-10-05T12:00:00Z", "2026-09-02T00:00:00Z")):
    old.add(messages.report_mail(n), came=came)
done = run(old, "--mail-since", "2026-10-01", db="old.db")
s.equal("--mail-since passes over what came before", reports("old.db"), ["report-1"])
many = serve([messages.report_mail(n) for n in range(7)], page=100)
for n in (3, 6, 7):
    run(many, "--most", "3", db="most.db")
    s.equal("--most 3: %d are read by now" % n, len(reports("most.db")), n)
person = serve(FIVE[:1], user="joe@example.org")
s.equal("a user that is an address stands as it is", (run(person, db="person.db", user="joe@example.org@example.com")
                                                      .returncode, reports("person.db")), (0, ["report-0"]))

# --- folders ----------------------------------------------------------------------------------------------------------
tree = serve(folders={"F-inbox": ("Inbox", None), "F-a": ("Joe's reports", None), "F-b": ("Отчёты", "F-a"),
                      "F-c": ("Joe's reports", "F-inbox")})
tree.add(messages.report_mail(1), "F-b")
tree.add(messages.report_mail(2), "F-c")
done = run(tree, db="tree.db", folder="Joe's reports/Отчёты")
s.equal("folders are found by their names, level by level", (done.returncode, reports("tree.db")), (0, ["report-1"]))
done = run(tree, db="tree.db", folder="inbox/Joe's reports")
s.equal("... also below one that has a name in every language", reports("tree.db"), ["report-1", "report-2"])
done = run(tree, "--folder", "No such", db="tree2.db", folder="Joe's reports/Отчёты")
s.check("one that is not there is told, and does not keep the others from being read", done.returncode == 1
        and 'there is no folder "No such"' in done.err and reports("tree2.db") == ["report-1"], done.err)

# --- what becomes of the mails ----------------------------------------------------------------------------------------


def filled(**options):
    return serve([*FIVE, messages.plain_mail(), messages.damaged_mail(1)], **options)


moving = filled()
done = run(moving, "--after", "move:Done/2026", db="move.db")
target = moving.folder_named("2026")
s.equal("move: stored mails lie in a folder that is made for it; one without a report, and a damaged one, stay",
        (done.returncode, len(moving.names(target)), len(moving.names()), moving.folders.get(target)),
        (0, 5, 2, ("2026", moving.folder_named("Done"))))
s.equal("... and nothing is left to do", query("move.db", "SELECT * FROM mailbox_task"), [])
done = run(moving, "--after", "move:Done/2026", db="move.db")
s.check("... nor to read", "nothing new" in done.out, done.out)
failing = filled()
run(failing, "--after", "move:Archive", "--failed-folder", "Failed", db="failed.db")
s.equal("--failed-folder: the others are moved there", (len(failing.names("F-archive")),
                                                        len(failing.names(failing.folder_named("Failed")))), (5, 2))
for name in (failing.names("F-archive")[0], failing.names(failing.folder_named("Failed"))[0]):
    failing.move(name, "F-inbox")
done = run(failing, "--after", "move:Archive", "--failed-folder", "Failed", db="failed.db")
s.equal("... and where somebody brings mails back before the next import, they are read and moved once more",
        (len(failing.names()), "in 2 mails" in done.out, len(failing.names("F-archive")), len(reports("failed.db"))),
        (0, True, 5, 6))
done = run(failing, "--after", "move:Archive", "--failed-folder", "Failed", db="failed.db")
s.check("... once", "nothing new" in done.out, done.out)


def tidied(server, method, shown):
    """Somebody deletes the second mail while the last one is read: it goes to another folder, and keeps its id."""
    if "/$value" in shown and server.last in shown and server.second in server.names():
        server.move(server.second, "F-deleted")


for lax in (False, True):
    for after, folder in (("move:Archive", "F-archive"), ("flag:seen", "F-inbox")):
        tidy = serve(FIVE, folders={"F-inbox": ("Inbox", None), "F-archive": ("Archive", None), "F-deleted": ("Deleted Items", None)},
                     hook=tidied, lax=lax)
        tidy.second, tidy.last = tidy.names()[1], tidy.names()[4]
        done = run(tidy, "--after", after, db="tidy-%s-%s.db" % (lax, after[:4]))
        s.equal("a mail that somebody deletes while others are read stays deleted (%s, %s)" % (after, lax),
                (done.returncode, tidy.names("F-deleted"), tidy.mails[tidy.second][3], len(tidy.names(folder)),
                 query("tidy-%s-%s.db" % (lax, after[:4]), "SELECT * FROM mailbox_task")), (0, [tidy.second], {}, 4, []))
deleting = filled()
run(deleting, "--after", "delete", db="delete.db")
s.equal("delete: deletes what is stored whole, and nothing else", len(deleting.mails), 2)
for word, expected in (("seen", {"isRead": True}), ("flagged", {"flag": {"flagStatus": "flagged"}})):
    flagging = filled()
    run(flagging, "--after", "flag:" + word, db=word + ".db")
    s.equal("flag:%s is set on the mails that are stored" % word, [m[3] for m in flagging.mails.values()],
            [expected] * 5 + [{}, {}])
    done = run(flagging, "--after", "flag:" + word, db=word + ".db")
    s.check("... and a change that is our own is no new mail", "nothing new" in done.out, done.out)
for options, words in ((["--after", "flag"], "flag:seen and flag:flagged"), (["--auth", "plain"], "no password, no --auth"),
                       (["--after", "move:inbox"], "cannot be moved to where they are")):
    done = run(filled(), *options, db="refused.db")
    s.check("%s is refused" % " ".join(options), done.returncode == 2 and words in done.err, done.err)
for args, words in ((["graph://dmarc@example.com/"], "needs an access token"),
                    (["--token-command", "x", "graph://dmarc@example.com:444/"], "names a port"),
                    (["--token-command", "x", "--graph-url", "http://example.com/v1.0", "graph://dmarc@example.com/"],
                     "not sent without TLS"),
                    (["--graph-url", "https://example.com/v1.0", "imaps://joe@example.com/"], "goes with graph://")):
    done = s.run("import", "--db", "refused.db", *args)
    s.check("refused: %s" % words, done.returncode == 2 and words in done.err, done.err)

for status, code in ((403, "ErrorAccessDenied"), (507, "ErrorQuotaExceeded"), (500, "ErrorInternalServerError"),
                     (404, "ErrorItemNotFound")):
    stuck = serve(FIVE)
    stuck.hook = lambda server, method, shown, status=status, code=code: (
        server.refuse(status, code) if "/move" in shown and server.stays in shown else None)
    stuck.stays = stuck.names()[2]
    done = run(stuck, "--after", "move:Archive", db="stuck-%d.db" % status)
    s.check("%d for the move of one mail: the others are moved, and it is named" % status, done.returncode == 1
            and len(stuck.names("F-archive")) == 4 and 'cannot move uid 3 to "Archive"' in done.err, done.err)


def lose_folder(server, shown):
    if "/move" in shown and "Lost" in [name for name, _ in server.folders.values()]:
        target = server.folder_named("Lost")
        server.mails = {name: mail for name, mail in server.mails.items() if mail[0] != target}
        del server.folders[target]
        server.after_act = None


losing = serve(FIVE, after_act=lose_folder)
done = run(losing, "--after", "move:Lost", db="lost.db", retries="1")
s.equal("a folder that goes while mails are moved to it is made anew, and none of those left is taken for moved",
        (done.returncode, len(losing.names()), len(losing.names(losing.folder_named("Lost")))), (0, 0, 4))

# --- tokens -----------------------------------------------------------------------------------------------------------
with open("token", "w") as f:
    f.write("token-0\n")
renewing = serve(FIVE, tokens={"token-1"})
done = run(renewing, db="renew.db", token="cat token; echo token-1 > token")
s.equal("a token that is refused is renewed once", (done.returncode, reports("renew.db")), (0, ALL_FIVE))
refusing = serve(FIVE, tokens={"another"})
done = run(refusing, db="denied.db", retries="3")
s.check("a token that stays refused is told, not tried again and not repeated", done.returncode == 1
        and "refuses the access token: InvalidAuthenticationToken" in done.err and TOKEN not in done.err
        and len(refusing.log) == 2, done.err, refusing.log)


def expire(server, method, shown):
    if "/$value" in shown and len(server.tokens) and sum("/$value" in line for line in server.log) == 3:
        server.tokens = {"token-2"}


with open("token", "w") as f:
    f.write("token-1\n")
midway = serve(FIVE, tokens={"token-1"}, hook=expire)
done = run(midway, db="midway.db", token="cat token; echo token-2 > token")
s.equal("one that expires between two mails is renewed", (done.returncode, reports("midway.db")), (0, ALL_FIVE))
authority = authorization.AuthorizationServer(scope="https://graph.example.com/.default")
with open("secret", "w") as f:
    f.write(authorization.SECRET)
os.chmod("secret", 0o600)
by_oauth = serve(FIVE, tokens=set())
by_oauth.hook = lambda server, *_: setattr(server, "tokens", set(authority.tokens))
with open("config", "w") as f:
    f.write("[account graph]\nurl = graph://dmarc@example.com/INBOX\ngraph-url = %s\noauth = %s/token\nclient-id = %s\n"
            "client-secret-file = secret\nscope = %s\n" % (by_oauth.base, authority.url, authorization.CLIENT,
                                                           authority.scope))
done = s.run("import", "--db", "oauth.db", env={"DMARCCTL_CONFIG": "config"})
s.equal("an account with oauth needs no script", (done.returncode, reports("oauth.db"), authority.faults),
        (0, ALL_FIVE, []))
done = s.run("config", "--check", "--connect", env={"DMARCCTL_CONFIG": "config"})
s.check("config --check --connect tries it", "ok: 5 mails" in done.out, done.out, done.err)
authority.stop()

# --- throttling -------------------------------------------------------------------------------------------------------


def once(status, code, when, **headers):
    """A refusal for the first request that has `when` in it."""
    state = []

    def hook(server, method, shown):
        if when in shown and not state:
            state.append(shown)
            return server.refuse(status, code, "Please retry later", **headers)
    return hook


for status, code in ((429, "TooManyRequests"), (503, "ServiceUnavailable"), (504, "GatewayTimeout")):
    for when in ("delta", "/$value"):
        throttled = serve(FIVE, hook=once(status, code, when, Retry_After=1))
        begun = time.monotonic()
        done = run(throttled, retries="1", db="throttled-%d-%s.db" % (status, when.strip("/$")))
        s.check("%d at %s: waited for as long as it asks, then all is read" % (status, when), done.returncode == 0
                and reports("throttled-%d-%s.db" % (status, when.strip("/$"))) == ALL_FIVE
                and time.monotonic() - begun >= 1, done.err)
acting = serve(FIVE, hook=once(429, "TooManyRequests", "POST", Retry_After=1))
done = run(acting, "--after", "move:Archive", retries="1", db="acting.db")
s.equal("429 while mails are moved: they are moved", (done.returncode, len(acting.names("F-archive"))), (0, 5))
patient = serve(FIVE, hook=once(429, "TooManyRequests", "/$value", Retry_After=4000))
done = run(patient, "--after", "delete", retries="3", db="patient.db")
s.check("a wait beyond --max-wait ends the run, which says when to come back", done.returncode == 1
        and "come back after" in done.err and "nothing new" not in done.out and len(patient.mails) == 5, done.err)
done = run(patient, db="patient.db")
s.equal("... and the next one has all", reports("patient.db"), ALL_FIVE)

# --- lists that are forgotten, and mails that are not given -------------------------------------------------------------
forgetful = serve(FIVE)
run(forgetful, db="forget.db")
forgetful.add(messages.report_mail(5))
forgetful.remove(forgetful.names()[1])
forgetful.forgotten = len(forgetful.changes) + 1
done = run(forgetful, db="forget.db")
s.check("410: all mails are listed once more, and only what is new is read", done.returncode == 0
        and reports("forget.db") == ALL_FIVE + ["report-5"] and "1 document in 1 mail" in done.out, done.out, done.err)
s.equal("... and what is gone is forgotten", query("forget.db", "SELECT count(*) FROM mailbox_name"), [(5,)])


def refused_link(status, code):
    """A kept link that is answered so for ever, while lists that begin anew are well."""
    return lambda server, method, shown: server.refuse(status, code) if "deltatoken=changes" in shown else None


for status, code in ((400, "BadRequest"), (404, "ErrorItemNotFound"), (403, "ErrorAccessDenied"),
                     (500, "ErrorInternalServerError")):
    db = "link-%d.db" % status
    lost = serve(FIVE)
    run(lost, db=db)
    lost.add(messages.report_mail(5))
    lost.hook = refused_link(status, code)
    done = run(lost, db=db, retries="1")
    s.check("%d %s for the kept link: all mails are listed once more, and only what is new is read" % (status, code),
            done.returncode == 0 and reports(db) == ALL_FIVE + ["report-5"] and "1 document in 1 mail" in done.out,
            done.out, done.err)
for status, code in ((429, "TooManyRequests"), (503, "ServiceUnavailable")):
    busy = serve(FIVE)
    run(busy, db="link-busy.db")
    busy.hook = refused_link(status, code)
    count = len(busy.log)
    done = run(busy, db="link-busy.db")
    s.check("... %d says nothing of the link: it is kept, and nothing else is asked for" % status, done.returncode == 1
            and not any("delta?$select" in line for line in busy.log[count:]), done.err, busy.log[count:])
passing = serve(FIVE)
run(passing, db="link-once.db")
passing.add(messages.report_mail(5))
passing.hook = once(500, "ErrorInternalServerError", "deltatoken=changes")
count = len(passing.log)
done = run(passing, db="link-once.db", retries="1")
s.check("... and an error that passes says nothing of it either", done.returncode == 0
        and reports("link-once.db") == ALL_FIVE + ["report-5"]
        and not any("delta?$select" in line for line in passing.log[count:]), done.err, passing.log[count:])


def cut_link(server, method, shown):
    if "deltatoken=changes" in shown:
        raise Cut


cut = serve(FIVE, hook=cut_link)
run(cut, db="link-cut.db")
count = len(cut.log)
done = run(cut, db="link-cut.db")
s.check("... nor does a connection that breaks", done.returncode == 1
        and not any("delta?$select" in line for line in cut.log[count:]), done.err, cut.log[count:])
for what, renamed in (("renamed", ("Old", None)), ("deleted", ("Reports", "F-deleted"))):
    replaced = serve(folders={"F-1": ("Reports", None), "F-deleted": ("Deleted Items", None)})
    replaced.add(messages.report_mail(1), "F-1")
    run(replaced, db=what + ".db", folder="Reports")
    replaced.folders.update({"F-1": renamed, "F-2": ("Reports", None)})
    replaced.add(messages.report_mail(2), "F-2")
    replaced.add(messages.report_mail(3), "F-1")
    done = run(replaced, db=what + ".db", folder="Reports")
    s.equal("a folder that was %s left its name to another: that one is read, from its begin" % what,
            (done.returncode, reports(what + ".db")), (0, ["report-1", "report-2"]))
    done = run(replaced, db=what + ".db", folder="Reports")
    s.check("... and then by its changes", "nothing new" in done.out and "deltatoken=changes" in replaced.log[-1],
            done.out, replaced.log[-1])


def replace_folder(server, method, shown):
    if "/$value" in shown and "F-2" not in server.folders:
        server.folders.update({"F-1": ("Old", None), "F-2": ("Reports", None)})


replaced = serve(folders={"F-1": ("Reports", None), "F-archive": ("Archive", None)}, hook=replace_folder)
for n in (1, 2):
    replaced.add(messages.report_mail(n), "F-1")
done = run(replaced, "--after", "move:Archive", db="while.db", folder="Reports")
s.equal("... where it did so while mails were read, they stay where they are",
        (done.returncode, reports("while.db"), len(replaced.names("F-1"))), (0, ["report-1", "report-2"], 2))


def vanish(server, method, shown):
    if "/$value" in shown and len(server.mails) == 5:
        server.remove(server.names()[3])


vanishing = serve(FIVE, hook=vanish)
done = run(vanishing, db="vanish.db")
s.equal("a mail that is gone between list and fetch is passed over without a word",
        (done.returncode, done.err, reports("vanish.db")), (0, "", [r for r in ALL_FIVE if r != "report-3"]))


def without(name, status, code):
    return lambda server, method, shown: (server.refuse(status, code) if "/$value" in shown and name in shown else None)


for status, code in ((404, "ErrorItemNotFound"), (403, "ErrorAccessDenied"), (500, "ErrorInternalServerError"),
                     (404, "MailboxNotEnabledForRESTAPI"), (503, "ErrorServerBusy")):
    db = "one-%d-%s.db" % (status, code)
    one = serve(FIVE)
    one.hook = without(one.names()[2], status, code)
    done = run(one, "--after", "delete", retries="2", db=db)
    s.check("%d %s for one mail: it is told, stays, and the rest is read" % (status, code), done.returncode == 3
            and reports(db) == [r for r in ALL_FIVE if r != "report-2"] and len(one.mails) == 1 and "uid 3" in done.err,
            done.err, reports(db))
    every = serve(FIVE)
    every.hook = lambda server, method, shown, status=status, code=code: (
        server.refuse(status, code) if "/$value" in shown else None)
    done = run(every, "--after", "delete", retries="2", db="every-" + db)
    every.hook = None
    later = run(every, db="every-" + db)
    s.check("... for every mail: none counts as read", done.returncode == 1 and "nothing new" not in done.out
            and len(every.mails) == 5 and reports("every-" + db) == ALL_FIVE, done.err, later.err)

NO_MAIL = "answers with something that is no mail"
for name, answer, words in (("nothing", b"", "does not give its content"),
                            ("a page of HTML", b"<html xmlns='http://www.w3.org/1999/xhtml'>Sign in</html>", NO_MAIL),
                            ("an error as JSON", b'{"error":{"code":"UnknownError"}}', NO_MAIL)):
    odd = serve(FIVE)
    odd.hook = lambda server, method, shown, answer=answer: (
        (200, answer, {"Content-Type": "text/plain"}) if "/$value" in shown and server.names()[2] in shown else None)
    done = run(odd, "--after", "delete", "--failed-folder", "Odd", db="odd.db")
    s.check("%s in place of a mail is no mail without a report: it is told, and stays" % name, done.returncode == 3
            and len(reports("odd.db")) == 4 and len(odd.names()) == 1 and "uid 3" in done.err and words in done.err,
            done.err, odd.names())
    os.remove("odd.db")
plain = serve([b"Received : from a\r\nSubject: x\r\n\r\ny\r\n", b"X-MS.1_a: b\r\n\r\n"])
done = run(plain, db="plain.db")
s.equal("a mail begins with any field", (done.returncode, done.err), (0, ""))


def cut_in(server, method, shown):
    if "/$value" in shown:
        return 200, FIVE[0][:200], {"Content_Length": len(FIVE[0])}


half = serve(FIVE, hook=cut_in)
half.server.RequestHandlerClass.protocol_version = "HTTP/1.0"
done = run(half, "--after", "delete", db="half.db")
s.equal("half a mail is no mail: nothing is stored, nothing is deleted",
        (done.returncode, reports("half.db"), len(half.mails)), (1, [], 5))

# --- hostile answers --------------------------------------------------------------------------------------------------
elsewhere = serve(FIVE)
for name, answer in (
        ("nextLink to another server", lambda server: {"value": [], "@odata.nextLink": elsewhere.base + "/users/x"}),
        ("nextLink with a user in it", lambda server: {"value": [], "@odata.nextLink":
                                                       server.base.replace("//", "//joe@") + "/users/x"}),
        ("nextLink to a file", lambda server: {"value": [], "@odata.nextLink": "file:///etc/passwd"}),
        ("neither link", lambda server: {"value": []}),
        ("both links", lambda server: {"value": [], "@odata.nextLink": server.base, "@odata.deltaLink": server.base}),
        ("no list", lambda server: {"value": {}, "@odata.deltaLink": server.base}),
        ("a mail without an id", lambda server: {"value": [{}], "@odata.deltaLink": server.base}),
        ("an id of control characters", lambda server: {"value": [{"id": "a\r\nb"}], "@odata.deltaLink": server.base}),
        ("an id without end", lambda server: {"value": [{"id": "x" * 5000}], "@odata.deltaLink": server.base}),
        ("an array", lambda server: [1]),
        ("no JSON", lambda server: b"<html>"),
        ("nothing", lambda server: b""),
        ("JSON that is too deep", lambda server: b"[" * 100000),
        ("a page of 9 MB", lambda server: b" " * (9 << 20))):
    hostile = serve(FIVE, hook=lambda server, method, shown, answer=answer:
                    (200, answer(server), {}) if "delta" in shown else None)
    done = run(hostile, db="hostile.db")
    s.check("%s: an error that is told" % name, done.returncode == 1 and "graph://" in done.err, done.returncode,
            done.err)
s.equal("... and nobody else was asked, or given the token", (elsewhere.log, elsewhere.faults), ([], []))
endless = serve(hook=lambda server, method, shown: (200, {"value": [], "@odata.nextLink": server.base + "/users/" +
                                                          "dmarc%40example.com/mailFolders/x/messages/delta"}, {})
                if "delta" in shown else None)
done = run(endless, db="hostile.db")
s.check("a list without end is ended", done.returncode == 1 and "does not end" in done.err, done.err)
circle = serve(FIVE, page=100)
circle.hook = lambda server, method, shown: ((200, {"value": [{"id": server.names()[0]}], "@odata.nextLink": server.base +
                                             "/users/dmarc%40example.com/mailFolders/x/messages/delta"}, {})
                                             if "delta" in shown else None)
done = run(circle, db="circle.db")
s.check("... and one that goes round in circles with a mail in it", done.returncode == 1 and "does not end" in done.err
        and len(circle.log) < 200, done.err, len(circle.log))
redirect = serve(FIVE, hook=lambda server, *_: (302, b"", {"Location": elsewhere.base}))
done = run(redirect, db="hostile.db")
s.check("a redirect is not followed", done.returncode == 1 and "redirect" in done.err and not elsewhere.log, done.err)
silent = serve(FIVE, hook=lambda *_: time.sleep(6))
done = run(silent, db="hostile.db", timeout="1")
s.check("silence ends after --timeout", done.returncode == 1 and reports("hostile.db") == [], done.err)
echo = serve(FIVE, hook=lambda server, *_: server.refuse(403, "Forbidden", "not with Bearer " + TOKEN))
done = run(echo, db="hostile.db")
s.check("a token that the service repeats is masked", done.returncode == 1 and "Forbidden" in done.err
        and TOKEN not in done.err, done.err)

# --- killed -----------------------------------------------------------------------------------------------------------


def killed_at(word, when, n):
    """Kills the import before or behind the n-th request that has `word` in it."""
    db = "kill-%s-%s-%d.db" % (word.strip("/$ "), when, n)
    server = serve(FIVE)
    process = []

    def kill(of, *_):
        if sum(word in line for line in of.log) == n and word in of.log[-1]:
            while not process:
                time.sleep(0.001)
            process[0].kill()
            process[0].wait()
            if when == "before":
                raise Cut

    setattr(server, "hook" if when == "before" else "after_act", kill)
    process.append(subprocess.Popen([s.binary, *arguments(server, "--after", "move:Archive", db=db)],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=s.environment))
    process[0].wait(30)
    moved = {"report-%d" % (int(name[8:-2]) - 1) for name in server.names("F-archive")}
    sound = moved <= set(reports(db))
    server.hook = server.after_act = None
    later = run(server, "--after", "move:Archive", db=db)
    return sound, later.returncode, sorted(reports(db)), len(server.names("F-archive")), len(server.names())


for word, count in (("delta", 1), ("delta", 3), ("/$value", 1), ("/$value", 5), ("/move", 1), ("/move", 5)):
    for when in ("before", "after") if word == "/move" else ("before",):
        s.equal("kill -9 %s %s %d: nothing is lost or doubled, all is moved in the end" % (when, word, count),
                killed_at(word, when, count), (True, 0, ALL_FIVE, 5, 0))
s.equal("no request was other than the documentation has it", [f for server in servers for f in server.faults], [])
for server in servers:
    server.stop()
s.finish()
