#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""notify from end to end: what each way carries, what is told once, what waits, and what is said of failures. Mail goes to a
real server (aiosmtpd), requests to another (lighttpd); what needs one that is not at hand is skipped, and said."""
import base64
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import post  # noqa: E402
from kit import findings, lines_of, there, write  # noqa: E402
from harness import Suite, query  # noqa: E402

s = Suite()
s.environment.update(no_proxy="*", PATH=os.environ["PATH"])
said = []  # all that was ever printed


# What the days lead to besides is not what is looked at here.
KINDS = "]\nkinds = own_broken,notify_failing\nto"


def notify(*args, conf=None, day="2026-10-11", db="mail.db", as_it_is=False, **more):
    if conf is not None:
        write("conf", conf if as_it_is else conf.replace("]\nto", KINDS))
    done = s.run("notify", "--db", db, "--config", "conf", *(("--as-of", day) if day else ()), *args, **more)
    said.append(done.out + done.err)
    return done


def fresh():
    """A copy of the database of which nothing was told."""
    for name in os.listdir("."):
        if name.startswith("mail.db") or name.endswith(".jsonl") or name in ("away", "kill"):
            os.remove(name)
    with open("made.db", "rb") as source, open("mail.db", "wb") as copy:
        copy.write(source.read())


def dead_port():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return closed.getsockname()[1]


post.make_month(s, "made.db")

# --- a command -------------------------------------------------------------------------------------------------------
# Away while there is a file "away"; ends the run that called it where there is "kill".
COMMAND = "[notify me]\nto = exec:test ! -e away || exit 3; cat >> got.jsonl; test ! -e kill || kill -9 $PPID\n"
fresh()
done = notify(conf=COMMAND, day="2026-10-09")
s.equal("where nothing is to be told nothing is sent or said", (done.returncode, done.out, done.err, lines_of("got.jsonl")),
        (0, "", "", []))
done = notify("--dry-run", "--exit-code", conf=COMMAND)
s.equal("a dry run says what would be sent, and that something would", (done.returncode, done.out.splitlines()[:2]),
        (4, ["[notify me] exec: (not shown)",
             "Subject: example.com: own mail fails: 198.51.100.0/24 since Saturday, 40 messages"]))
s.equal("and neither sends nor remembers", (lines_of("got.jsonl"), query("mail.db", "SELECT * FROM notify_told")), ([], []))
done = notify("--exit-code")
got = lines_of("got.jsonl")
s.equal("what began is told", (done.returncode, len(got), findings(got[0])), (4, 1, [("own_broken", "new")]))
s.equal("and printed as a line", (done.out, done.err),
        ("[notify me] exec: (not shown): example.com: own mail fails: 198.51.100.0/24 since Saturday, 40 messages\n", ""))
s.equal("with what programs want to know of it",
        [got[0][k] for k in ("schema", "version", "notify", "every", "trial", "domains", "due", "left_out", "open")],
        ["dmarcctl.notice", 1, "me", "event", False, 1, 1, 0, None])
done = notify("--exit-code")
s.equal("a second time nothing is", (done.returncode, done.out, len(lines_of("got.jsonl"))), (0, "", 1))
for day in range(12, 15):
    notify(day="2026-10-%d" % day)
s.equal("nor on the days after", len(lines_of("got.jsonl")), 1)
notify(day="2026-10-15")
got = lines_of("got.jsonl")
s.equal("that it is over is told", (len(got), findings(got[-1]), got[-1]["subject"]),
        (2, [("own_broken", "gone")], "example.com: over: own mail fails: 198.51.100.0/24"))
for day in range(16, 29):
    notify(day="2026-10-%d" % day)
s.equal("once", len(lines_of("got.jsonl")), 2)
s.check("no two messages have one id", len({m["id"] for m in got}) == 2, got)

fresh()
there("away")
notify(conf=COMMAND, day="2026-10-11")
there("away", is_there=False)
done = notify(day="2026-10-15")
got = lines_of("got.jsonl")
s.equal("what a command refused comes with the next run, and what came since behind it",
        [findings(m) for m in got], [[("own_broken", "new")], [("own_broken", "gone")]])
s.equal("as it was made then", got[0]["as_of"][:10], "2026-10-11")

fresh()
done = notify(conf="[notify me]\nto = exec:exit 3\n[notify her]\nto = exec:cat >> got.jsonl\n")
s.equal("one that fails keeps nobody else from being told, and the status says so",
        (done.returncode, done.err, len(lines_of("got.jsonl"))),
        (1, "dmarcctl: [notify me] exec: (not shown): the command: ended with status 3; the next run tries again\n", 1))
done = notify(day="2026-10-12")
got = lines_of("got.jsonl")
s.equal("and the others hear of it with the next run",
        [(f["kind"], f["subject"], f["first_seen"]) for f in got[1]["findings"]["rows"]], [("notify_failing", "me", "2026-10-11")])
words = " ".join(got[1]["text"].split())
s.check("with its reason and what to do", "the command: ended with status 3" in words and "'dmarcctl notify --test me'" in words, words)
notify(day="2026-10-13")
s.equal("once", len(lines_of("got.jsonl")), 2)
done = s.run("findings", "--db", "mail.db", "--config", "conf", "--as-of", "2026-10-13", "--format", "ndjson")
s.equal("it is a finding of no domain", [(f["domain"], f["kind"]) for f in map(json.loads, done.out.splitlines())
                                         if f["kind"] == "notify_failing"], [(None, "notify_failing")])

fresh()
done = notify(conf="[notify me]\nto = exec:sleep 60\ntimeout = 1\n")
s.check("a command that does not end is ended", done.returncode == 1 and "did not end within 1 seconds" in done.err, done.err)
fresh()
there("kill")
done = notify(conf=COMMAND)
s.equal("killed between sending and remembering", (done.returncode, len(lines_of("got.jsonl"))), (-signal.SIGKILL, 1))
there("kill", is_there=False)
done = notify(day="2026-10-12")
got = lines_of("got.jsonl")
s.equal("it tells once more, as the same message", (len(got), got[0] == got[1], got[0]["id"]), (2, True, got[1]["id"]))
s.equal("and then no more", (notify(day="2026-10-13").out, len(lines_of("got.jsonl"))), ("", 2))

fresh()
done = notify(conf=COMMAND, db="none.db")
s.check("no database is made", done.returncode == 1 and "there is no database none.db yet" in done.err
        and not os.path.exists("none.db"), done.err)

# --- which, whom and when --------------------------------------------------------------------------------------------
fresh()
notify(conf="".join("[notify %s]\nto = exec:cat >> %s.jsonl\n%s\n" % (name, name, keys) for name, keys in (
    ("all", ""), ("critical", "severity = critical"), ("kinds", "kinds = surge,own_broken"), ("others", "kinds = surge"),
    ("domain", "domain = example.com"), ("elsewhere", "domain = example.org\ndomain = com"),
    ("nowhere", "domain = example.org"), ("group", "group = bakery"), ("strangers", "group = museum"))) +
    "[group bakery]\ndomains = *.com\n[group museum]\ndomains = *.museum.example\n", as_it_is=True)
s.equal("each section hears what it asks for",
        sorted(n[:-6] for n in os.listdir(".") if n.endswith(".jsonl")), ["all", "domain", "elsewhere", "group", "kinds"])
fresh()
done = notify("her", conf="[notify me]\nto = exec:cat >> me.jsonl\n[notify her]\nto = exec:cat >> her.jsonl\n")
s.equal("a name runs one section alone", (len(lines_of("me.jsonl")), len(lines_of("her.jsonl"))), (0, 1))
done = notify("him")
s.equal("one that is not there is a mistake", (done.returncode, done.err),
        (2, "dmarcctl: there is no [notify him] in the configuration\n"))
done = notify(conf="[defaults]\njobs = 1\n")
s.check("so is a configuration without any", done.returncode == 2 and "there is no [notify NAME]" in done.err, done.err)

fresh()
notify(conf=COMMAND)
row = lines_of("got.jsonl")[0]["findings"]["rows"][0]
s.run("findings", "--db", "mail.db", "--as-of", "2026-10-11", "--ack", row["id"], "--until", "2026-10-12", "--quiet")
notify(day="2026-10-12")
s.equal("what somebody acknowledged is told no more", len(lines_of("got.jsonl")), 1)
notify(day="2026-10-13")
s.equal("until that is over", [findings(m) for m in lines_of("got.jsonl")][1:], [[("own_broken", "new")]])

fresh()
WEEKLY = "[notify me]\nto = exec:cat >> got.jsonl\nevery = week\n"
notify(conf=WEEKLY, day="2026-10-07")
s.equal("a week is told of at once, nothing to do or not", [m["subject"] for m in lines_of("got.jsonl")],
        ["nothing to do: example.com, week of 2026-10-05"])
for day in range(8, 12):
    notify(day="2026-10-%02d" % day)
s.equal("and not again, whatever happens in it", len(lines_of("got.jsonl")), 1)
notify(day="2026-10-13")
got = lines_of("got.jsonl")
s.equal("but in the next one", (len(got), findings(got[1]), got[1]["open"]["rows"]), (2, [("own_broken", "new")], []))
for day in range(14, 30):
    notify(day="2026-10-%d" % day)
got = lines_of("got.jsonl")
s.equal("which goes on week by week", [m["subject"] for m in got[2:]],
        ["example.com: over: own mail fails: 198.51.100.0/24", "nothing to do: example.com, week of 2026-10-26"])
s.check("a line for each domain", "- example.com: nothing to do\n" in got[3]["text"], got[3]["text"])
fresh()
there("away")
for day in range(5, 9):
    notify(conf=COMMAND + "every = day\n", day="2026-10-%02d" % day)
there("away", is_there=False)
notify(day="2026-10-09")
s.equal("days of nothing that could not be told are not caught up with", [m["as_of"][:10] for m in lines_of("got.jsonl")],
        ["2026-10-09"])
there("away")
for day in range(10, 13):
    notify(day="2026-10-%02d" % day)
there("away", is_there=False)
notify(day="2026-10-13")
got = lines_of("got.jsonl")[1:]
s.equal("but what happened on one is", [(m["as_of"][:10], findings(m)) for m in got],
        [("2026-10-10", [("own_broken", "new")]), ("2026-10-13", [])])
s.equal("and what is open still is beside it", [f["kind"] for f in got[1]["open"]["rows"]], ["own_broken"])

# --- trials, mistakes, two at a time ----------------------------------------------------------------------------------
fresh()
done = notify("--test", "--exit-code", conf=COMMAND, day=None, db="none.db")
got = lines_of("got.jsonl")
s.equal("a trial needs no database and tells of nothing, and was sent",
        (done.returncode, [(m["trial"], m["findings"], m["subject"]) for m in got]),
        (4, [(True, None, "trial of [notify me] of dmarcctl")]))
done = notify("--test", conf="[notify me]\nto = exec:exit 1\n", day=None)
s.equal("one that fails is told", (done.returncode, done.err),
        (1, "dmarcctl: [notify me] exec: (not shown): the command: ended with status 1\n"))
s.equal("and is nothing to be remembered", query("mail.db", "SELECT * FROM notify_way"), [])
done = notify("--test", "--dry-run")
s.check("a trial is no dry run", done.returncode == 2 and "one or the other" in done.err, done.err)
for keys, told in (("every = week", "[notify me]: needs to = mailto:ADDRESS"),
                   ("to = joe@example.com", "to: begins with none of mailto:, https:// and exec:"),
                   ("to = https://hooks.example.com/x\nsecret = abcdef", "secret: has no place in this file"),
                   ("to = mailto:joe@example.com\nsmtp = smtps://joe:abcdef@mail.example.com", "a password has no place"),
                   ("to = mailto:joe@example.com\nsmtp = smtps://joe@mail.example.com", "write one of password-command"),
                   ("to = mailto:joe@example.com\nevery = month", '"month" is none of event, day, week'),
                   ("to = exec:true\nkinds = surges", '"surges" is none of replay_suspected'),
                   ("to = exec:true\nto = exec:false", "to: stands in line 2 already"),
                   ("to = exec:true\ngroup = none", "[notify me]: there is no [group none]"),
                   ("to = exec:true\npasswort = x", 'there is no key "passwort" in [notify NAME]; there are: to, every,')):
    done = notify("--dry-run", conf="[notify me]\n%s\n" % keys, as_it_is=True)
    s.check("a mistake is told: %s" % told[:40], done.returncode == 2 and told in done.err and "abcdef" not in done.err, done.err)
fresh()
write("conf", "[notify me" + KINDS + " = exec:echo >> begun; while [ ! -e go ]; do sleep 0.05; done; cat >> got.jsonl\n")
first = subprocess.Popen([s.binary, "notify", "--db", "mail.db", "--config", "conf", "--as-of", "2026-10-11"], env=s.environment,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
while not os.path.exists("begun"):
    time.sleep(0.02)
done = notify()
s.equal("of two at a time one sends", (done.returncode, done.err),
        (0, "dmarcctl: another 'dmarcctl notify' is sending: nothing was done\n"))
write("go", "")
s.equal("the other goes on", (first.wait(60), len(lines_of("got.jsonl"))), (0, 1))
fresh()
os.remove("go"), os.remove("begun")
first = subprocess.Popen([s.binary, "notify", "--db", "mail.db", "--config", "conf", "--as-of", "2026-10-11"], env=s.environment,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
while not os.path.exists("begun"):
    time.sleep(0.02)
first.send_signal(signal.SIGTERM)
s.equal("whoever ends it ends what it waits for", (first.wait(60), first.stderr.read().decode()), (130, "dmarcctl: interrupted\n"))
write("go", "")
notify()
s.equal("and nothing is lost", len(lines_of("got.jsonl")), 1)

# --- mail by a command -----------------------------------------------------------------------------------------------
fresh()
done = notify(conf="[notify me]\nto = mailto:joe@example.com,ann@example.net\nsendmail = cat > mail.eml\n")
with open("mail.eml", "rb") as f:
    mail = post.email.message_from_bytes(f.read(), policy=post.email.policy.default)
s.equal("a command gets the mail as it is to be sent", (done.returncode, mail["Subject"], mail["To"], mail["From"]),
        (0, "example.com: own mail fails: 198.51.100.0/24 since Saturday, 40 messages", "joe@example.com, ann@example.net", None))
s.check("text and HTML", "To do:" in mail.get_body(("plain",)).get_content() and
        "</html>" in mail.get_body(("html",)).get_content(), mail.as_string())

# --- mail by SMTP ----------------------------------------------------------------------------------------------------
authority = post.Authority(s.folder) if post.shutil.which("openssl") else None
write("password", post.PASSWORD + "\nnotes below\n")


def smtp(server, *keys, user="joe%40example.com@", to="joe@example.com,ann@example.net", ca=True):
    scheme = "smtps" if server.tls == "implicit" else "smtp"
    login = "password-file = password\n" if user else "from = dmarc@example.com\n"
    return "[notify me]\nto = mailto:%s\nsmtp = %s://%s127.0.0.1:%d\n%s%s%s\n" % (
        to, scheme, user, server.port, login, "ca-file = ca.pem\n" if ca else "", "\n".join(keys))


def check_smtp():
    for tls in ("starttls", "implicit"):
        fresh()
        server = post.MailServer(authority, tls).start()
        done = notify(conf=smtp(server))
        s.equal("a mail by %s: one, encrypted, logged in, to both" % tls,
                (done.returncode, done.err, [(m.user, m.encrypted, m.sender, m.recipients) for m in server.mails]),
                (0, "", [(post.USER, True, post.USER, ["joe@example.com", "ann@example.net"])]))
        mail = server.mails[0]
        s.equal("its subject and sender", (mail.subject, mail.message["From"]),
                ("example.com: own mail fails: 198.51.100.0/24 since Saturday, 40 messages", "dmarcctl <joe@example.com>"))
        s.check("text and HTML, by lines of 78 at most", "1. example.com: own mail fails" in mail.part("plain")
                and "<b>example.com: own mail fails" in mail.part("html")
                and max(map(len, mail.raw.split(b"\r\n"))) <= 78, mail.raw)
        s.equal("a second run sends nothing", (notify().returncode, len(server.mails)), (0, 1))
        server.stop()

    server = post.MailServer(authority).start()
    fresh()
    server.handler.answers = ["451 4.3.2 try again later, correct horse", "451 later"]
    done = notify(conf=smtp(server))
    s.equal("a refusal for now is tried again within the run", (done.returncode, done.err, len(server.mails)), (0, "", 1))
    fresh()
    server.mails.clear()
    server.handler.answers = ["554 5.6.0 not this one: correct horse"] * 2
    done = notify(conf=smtp(server))
    s.equal("one for good is not", (done.returncode, done.err, len(server.handler.answers)),
            (1, "dmarcctl: [notify me] mailto:joe@example.com,ann@example.net: the mail server refuses: 554 5.6.0 not this "
                "one: *************; the next run tries again\n", 1))
    server.handler.answers = []
    done = notify()
    s.equal("but by the next run, once", (done.returncode, len(server.mails), notify().out), (0, 1, ""))
    fresh()
    server.mails.clear()
    server.mails.clear()
    write("wrong", "wrong horse\n")
    done = notify(conf=smtp(server).replace("password-file = password", "password-file = wrong"))
    s.check("a password that is refused is not printed, nor tried again", done.returncode == 1 and "535" in done.err
            and "wrong horse" not in done.err and not server.mails and "tried" not in done.err, done.err)
    by_token = smtp(server).replace("password-file = password", "token-command = echo TOKEN")
    done = notify(conf=by_token.replace("TOKEN", "no-such-token"))
    s.check("nor is a token", done.returncode == 1 and "535" in done.err and "no-such-token" not in done.err, done.err)
    done = notify(conf=by_token.replace("TOKEN", post.TOKEN))
    s.equal("the right one logs in", (done.returncode, [m.user for m in server.mails]), (0, [post.USER]))
    fresh()
    server.mails.clear()
    done = notify(conf=smtp(server, "retries = 0", ca=False))
    s.check("nor does a server get one that nobody vouches for", done.returncode == 1 and "certificate" in done.err
            and not server.mails, done.err)
    done = notify(conf=smtp(server, "pin = " + authority.pin(), ca=False))
    s.equal("a pinned key is enough", (done.returncode, len(server.mails)), (0, 1))
    server.stop()

    fresh()
    bare = post.MailServer(authority, tls=None, login=False).start()
    done = notify(conf=smtp(bare))
    s.check("without STARTTLS nobody logs in", done.returncode == 1 and "offers no STARTTLS" in done.err and not bare.mails, done.err)
    done = notify(conf=smtp(bare, user="", ca=False))
    s.equal("a server on this machine that asks for no login needs none", (done.returncode, len(bare.mails)), (0, 1))
    fresh()
    done = notify(conf=smtp(bare, user="", ca=False).replace("127.0.0.1", "localhost"))
    s.check("elsewhere than at a loopback address it does", done.returncode == 1 and "offers no STARTTLS" in done.err, done.err)
    done = notify(conf=smtp(bare, "allow-plain = yes", user="", ca=False).replace("127.0.0.1", "localhost"))
    s.equal("unless the owner says otherwise", (done.returncode, len(bare.mails)), (0, 2))
    bare.stop()
    fresh()
    done = notify(conf=smtp(bare, "retries = 1", user="", ca=False))
    s.check("a server that is away is tried so often, and said so", done.returncode == 1 and "(tried 2 times)" in done.err, done.err)
    bare.start()
    bare.mails.clear()
    notify(day="2026-10-12")
    notify(day="2026-10-13")
    s.equal("and gets it when it is back, once", [m.message["Date"].datetime.strftime("%Y-%m-%d") for m in bare.mails],
            ["2026-10-11"])
    bare.stop()


if post.have_smtp():
    check_smtp()
else:
    s.check("SMTP # SKIP aiosmtpd or openssl is missing (Debian: python3-aiosmtpd, openssl)", True)


# --- a web service ---------------------------------------------------------------------------------------------------
def check_web():
    web = post.WebServer(authority, "web").start()
    write("secret", "key of ours\n")
    conf = ("[notify me]\nto = %s?token=in-the-url\nca-file = ca.pem\nsecret-file = secret\n"
            "token-command = echo bearer-of-ours\nretries = 3\n" % web.url)
    fresh()
    done = notify(conf=conf)
    asked = web.requests()
    s.equal("one request", (done.returncode, done.err, [(r["method"], r["type"]) for r in asked]),
            (0, "", [("POST", "application/json")]))
    r = asked[0]
    mac = hmac.new(b"key of ours", r["body"].encode(), hashlib.sha256).hexdigest()
    s.equal("is signed over its body", r["headers"].get("HTTP_DMARCCTL_SIGNATURE"), "sha256=" + mac)
    s.equal("names itself", r["headers"].get("HTTP_IDEMPOTENCY_KEY"), '"%s"' % r["json"]["id"])
    s.equal("bears the token", r["headers"].get("HTTP_AUTHORIZATION"), "Bearer bearer-of-ours")
    s.equal("tells what there is to tell", findings(r["json"]), [("own_broken", "new")])
    s.equal("a second run asks nothing", (notify().out, len(web.requests())), ("", 1))
    fresh()
    web.answer("500", "503 Retry-After: 1")
    done = notify(conf=conf)
    asked = web.requests()[1:]
    s.equal("a server that stumbles is asked again, with the same request", (done.returncode, [r["status"][:3] for r in asked],
            len({r["body"] for r in asked})), (0, ["500", "503", "204"], 1))
    fresh()
    web.answer("400")
    done = notify(conf=conf)
    s.equal("one that says no is not, and is told without what may be a secret", (done.returncode, done.err),
            (1, "dmarcctl: [notify me] https://127.0.0.1:%d: the service answers with status 400: no, not %s today; the next "
                "run tries again\n" % (web.port, "*" * len("/hook.cgi?token=in-the-url"))))
    web.answer("503 Retry-After: 3600")
    before = len(web.requests())
    done = notify(day="2026-10-12")
    s.equal("nor one that wants to be left alone for an hour", (done.returncode, len(web.requests()) - before), (1, 1))
    notify(day="2026-10-12")
    last = web.taken()[-1]["json"]
    s.equal("it is all told when it takes it", (last["as_of"][:10], findings(last)), ("2026-10-11", [("own_broken", "new")]))
    fresh()
    before = len(web.requests())
    done = notify(conf=conf.replace("ca-file = ca.pem\n", ""))
    s.check("a server that nobody vouches for gets nothing", done.returncode == 1 and "certificate" in done.err
            and len(web.requests()) == before, done.err)
    done = notify("--test", conf=conf, day=None)
    s.equal("a trial arrives", (done.returncode, web.taken()[-1]["json"]["trial"]), (0, True))
    done = s.run("config", "conf")
    said.append(done.out)
    s.check("the configuration is shown without the path", "https://127.0.0.1:%d" % web.port in done.out, done.out)
    web.stop()


if authority and post.find_lighttpd():
    check_web()
else:
    s.check("a web service # SKIP lighttpd or openssl is missing (scripts/fetch-test-servers unpacks it)", True)

for secret in (post.PASSWORD, "wrong horse", "key of ours", "bearer-of-ours", "in-the-url", post.TOKEN,
               base64.b64encode(post.PASSWORD.encode()).decode()):
    s.check("%s was never printed" % ("a secret" if " " in secret else secret[:3] + "..."), secret not in "".join(said))
s.finish()
