#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import from POP3 servers that misbehave: that refuse, cut, lie and fall silent; and killed at every step."""
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "imap"))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import messages  # noqa: E402
from harness import Suite, pass_a_day, query, reports, zipped  # noqa: E402
from pop3_server import Cut, Server  # noqa: E402

s = Suite()
s.environment.update(DMARCCTL_PASSWORD="correct horse", no_proxy="*")


def run(server, *args, db, timeout="5", retries="0", **more):
    return s.run("import", "--db", db, "--timeout", timeout, "--retries", retries, *args, server.url(), **more)


FIVE = [messages.report_mail(n) for n in range(5)]
ALL_FIVE = ["report-%d" % n for n in range(5)]

# --- a sound server ---------------------------------------------------------------------------------------------------
sound = Server(FIVE)
done = run(sound, db="sound.db")
s.equal("the small server is understood", (done.returncode, reports("sound.db")), (0, ALL_FIVE))
s.equal("nothing is deleted that nobody asked for", (len(sound.mails), "DELE 1" in sound.log), (5, False))
done = run(sound, db="sound.db")
s.check("nothing new: no mail is fetched again", "nothing new" in done.out and
        sum(line.startswith("RETR") for line in sound.log) == 5, done.out, sound.log)
sound.mails = {"new": messages.report_mail(7), **{k: v for k, v in sound.mails.items() if k != "id-3"}}
done = run(sound, db="sound.db")
s.equal("mails are told apart by unique-id, wherever they stand", reports("sound.db"), ALL_FIVE + ["report-7"])
plain = Server(FIVE, logins=None)
done = run(plain, db="plain.db")
s.equal("a server without CAPA is spoken to all the same", (done.returncode, reports("plain.db")), (0, ALL_FIVE))
user = Server(FIVE, logins=["USER"])
done = run(user, db="user.db")
s.check("one that knows USER and PASS alone, too", reports("user.db") == ALL_FIVE and "USER joe" in user.log,
        done.err, user.log)
dots = messages.mail("dots", messages.report("dots"), "xml") + b"\r\n.\r\n..\r\n. \r\n.\rx\r\n..end\r\n"
dotted = Server([dots, messages.report_mail(1)])
done = run(dotted, db="dots.db")
s.equal("lines that begin with a dot are the mail's, and end nothing", reports("dots.db"), ["dots", "report-1"])
large = Server([messages.report_mail(1, pad=1 << 20), messages.report_mail(2)])
done = run(large, db="large.db")
s.equal("a mail that is larger than a buffer is read", reports("large.db"), ["report-1", "report-2"])
lying = Server([messages.report_mail(1, pad=1 << 20), messages.report_mail(2)], say_size=lambda mail: 5)
done = run(lying, "--max-mail-size", "100K", db="lying.db")
s.check("a size that is a lie does not pass --max-mail-size", done.returncode == 3 and "--max-mail-size" in done.err
        and reports("lying.db") == ["report-2"], done.err, reports("lying.db"))

others = Server([messages.mail("own", messages.report("own"), "xml"),
                 messages.mail("others", messages.report("others", domain="example.org"), "xml")])
done = run(others, "--domains", "example.com", "--after", "delete", db="others.db")
s.equal("a mail with a report about the domain of others stays where it is", (list(others.mails), reports("others.db")),
        (["id-2"], ["own"]))
done = run(others, "--domains", "example.com", "--domains", "example.org", "--after", "delete", "--again", db="others.db")
both = messages.mail("both", zipped(("1", messages.report("a")), ("2", messages.report("b", domain="example.org"))), "xml")
mixed = Server([both])
done = run(mixed, "--domains", "example.com", "--after", "delete", db="mixed.db")
s.equal("... also where another report of it was taken", (list(mixed.mails), reports("mixed.db")), (["id-1"], ["a"]))
s.equal("... until the domain is named, and --again reads it", (len(others.mails), reports("others.db")), (0, ["own", "others"]))

# --- refusals ---------------------------------------------------------------------------------------------------------
done = run(Server(FIVE, answer={"UIDL": lambda *_: ["-ERR unknown command"]}), db="no-uidl.db")
s.check("a server without UIDL is told", done.returncode == 1 and "without unique-ids (UIDL)" in done.err
        and "unknown command" in done.err, done.err)
one = Server(FIVE, answer={"RETR": lambda server, n: ["-ERR no such file"] if n == "3" else None})
done = run(one, "--after", "delete", db="one.db")
s.check("one mail that is refused is told with the server's words, and the rest is read",
        done.returncode == 3 and "no such file" in done.err and len(reports("one.db")) == 4, done.err)
s.equal("... and it is the one that stays", list(one.mails), ["id-3"])
many = Server([messages.report_mail(n) for n in range(8)],
              answer={"RETR": lambda server, n: ["-ERR disk trouble"] if int(n) > 3 else None})
done = run(many, "--after", "delete", db="many.db")
s.check("many that are refused are not given up: the run fails", done.returncode == 1 and "disk trouble" in done.err
        and "nothing new" not in done.out, done.err, done.out)
many.answer = {}
done = run(many, db="many.db")
s.equal("... and the next one has them", sorted(reports("many.db")), ["report-%d" % n for n in range(8)])
busy = Server(FIVE, answer={"RETR": lambda server, n: ["-ERR [SYS/TEMP] try again in 1 second"]
                            if server.log.count("RETR 2") == 1 and n == "2" else None})
done = run(busy, retries="2", db="busy.db")
s.equal("words of patience are waited for", (done.returncode, reports("busy.db")), (0, ALL_FIVE))
locked = Server(FIVE, answer={"PASS": lambda *_: ["-ERR [IN-USE] the maildrop is locked"]}, logins=["USER"])
done = run(locked, db="locked.db")
s.check("a maildrop that another one has is no wrong password", done.returncode == 1 and "[IN-USE]" in done.err
        and "login was refused" not in done.err.replace("the login was refused: [IN-USE]", ""), done.err)
for words in ("[LOGIN-DELAY] once in ten minutes", "[SYS/TEMP] no disk", "[IN-USE] still"):
    hasty = Server(FIVE, logins=["USER"])
    hasty.answer = {"PASS": lambda server, _: ["-ERR " + words] if server.log.count("PASS correct horse") == 1 else None}
    done = run(hasty, retries="1", db="hasty-%s.db" % words[1:6].replace("/", "-"))
    s.equal("%s at the login is waited for" % words.split(" ")[0],
            (done.returncode, reports("hasty-%s.db" % words[1:6].replace("/", "-"))), (0, ALL_FIVE))
    hasty.answer = {"PASS": lambda *_: ["-ERR " + words]}
    done = run(hasty, retries="0", db="delayed.db")
    s.check("... and for ever it is told in the server's words, with nothing taken for read", done.returncode == 1
            and words in done.err and "nothing new" not in done.out and not query("delayed.db", "SELECT * FROM document"),
            done.out, done.err)
patient = Server(FIVE, answer={"RETR": lambda server, n: ["-ERR [SYS/TEMP] cannot read"] if n == "3" else None})
done = run(patient, retries="1", db="patient.db")
s.check("[SYS/TEMP] for ever over one mail is that mail's fault: it is told, and the others are read",
        done.returncode == 3 and "uid 3" in done.err and reports("patient.db") == [r for r in ALL_FIVE if r != "report-2"],
        done.returncode, done.err, reports("patient.db"))
out = Server(FIVE, answer={"RETR": lambda server, n: ["-ERR [SYS/TEMP] cannot read"]})
done = run(out, retries="1", db="out.db")
s.equal("... and over all of them the server's: nothing counts as read", (done.returncode, query(
    "out.db", "SELECT * FROM document"), query("out.db", "SELECT next_uid FROM mailbox")), (1, [], [(1,)]))


last = Server(FIVE, answer={"RETR": lambda server, n: ["-ERR [SYS/TEMP] cannot read"] if n == "5" else None})
done = run(last, retries="1", db="last.db")
s.equal("... over the last one: nobody knows, and nothing is behind it", (done.returncode, query(
    "last.db", "SELECT * FROM document WHERE outcome = 'rejected'"), query("last.db", "SELECT next_uid FROM mailbox"),
    "uid 5" in done.err), (1, [], [(5,)], True))
last.mails["id-6"] = messages.report_mail(6)
done = run(last, retries="1", db="last.db")
s.equal("... until another one is there", (done.returncode, reports("last.db")[4:], "uid 5" in done.err),
        (3, ["report-6"], True))
pass_a_day("last.db")
done = run(last, retries="1", db="last.db")
s.equal("... and on the next days it is asked for again, alone", (done.returncode, done.err), (0, ""))


def go_down(server, n):
    if n == "5" and not server.up:
        server.stop()
        raise Cut


down = Server(FIVE, answer={"RETR": lambda server, n: ["-ERR no such file"] if n == "4" else None}, before={"RETR": go_down},
              up=False)
done = run(down, retries="0", db="down.db")
s.equal("a server that goes down behind a mail that it refused is not blamed on the next mail",
        (done.returncode, reports("down.db"), query("down.db", "SELECT * FROM document WHERE origin LIKE '%uid 5%'")),
        (1, ALL_FIVE[:3], []))
wrong = Server(FIVE, answer={"PASS": lambda *_: ["-ERR [AUTH] no: correct horse"]}, logins=["USER"])
done = run(wrong, retries="3", db="wrong.db")
s.check("a wrong password is told, asked once, and not repeated", done.returncode == 1 and "[AUTH]" in done.err
        and "horse" not in done.err and wrong.log.count("PASS correct horse") == 1, done.err, wrong.log)
twins = Server(FIVE, list_ids=lambda ids: [i if i != "id-4" else "id-3" for i in ids])
done = run(twins, "--after", "delete", db="twins.db")
s.check("two mails with one unique-id are told, neither is read nor deleted", done.returncode == 3
        and "same unique-id" in done.err and sorted(twins.mails) == ["id-3", "id-4"], done.err, twins.mails.keys())
done = run(twins, "--after", "delete", db="twins.db")
s.equal("... once", (done.returncode, sorted(twins.mails)), (0, ["id-3", "id-4"]))
twins.mails.pop("id-3")
done = run(twins, "--after", "delete", db="twins.db")
s.equal("... and what is left of them is read, and deleted", (done.returncode, sorted(reports("twins.db")), len(twins.mails)),
        (0, [r for r in ALL_FIVE if r != "report-2"], 0))
late = Server({"id-1": messages.report_mail(1)}, list_ids=lambda ids: ["id-1" for _ in ids])
run(late, db="late.db")
late.mails["id-2"] = messages.report_mail(2)
done = run(late, "--after", "delete", db="late.db")
s.check("a mail that comes with the unique-id of one that was read is told", done.returncode == 3
        and "same unique-id" in done.err and len(late.mails) == 2, done.err, late.mails.keys())
late.mails["id-3"] = messages.report_mail(3)
s.equal("... and a third one is", run(late, db="late.db").returncode, 3)
del late.mails["id-1"], late.mails["id-3"]
done = run(late, db="late.db")
s.equal("... and read when the others are gone", (done.returncode, sorted(reports("late.db"))), (0, ["report-1", "report-2"]))


def twin_comes(server, n):
    if n == "5":
        server.mails["id-6"] = messages.report_mail(6)
        server.list_ids = lambda ids: [i if i != "id-6" else "id-2" for i in ids]
        raise Cut


twin = Server(FIVE, after={"RETR": twin_comes})
done = run(twin, "--after", "delete", retries="1", db="twin.db")
s.equal("where it comes between reading and deleting, neither is deleted", (done.returncode, sorted(twin.mails)),
        (0, ["id-2", "id-6"]))
short = Server(FIVE)
run(short, db="short.db")
short.mails["id-6"] = messages.report_mail(6)
short.list_ids = lambda ids: ids[:2]
done = run(short, db="short.db")
s.check("fewer unique-ids than mails are told", done.returncode == 1 and "lists 6 mails, and gives unique-ids for 2" in
        done.err and "nothing new" not in done.out, done.err, done.out)
short.list_ids = lambda ids: ids
done = run(short, db="short.db")
s.check("... and no mail counts as gone by it", done.returncode == 0 and len(reports("short.db")) == 6
        and short.log.count("RETR 1") == 1, done.err, short.log)
for name, ids in (("no unique-id", lambda ids: ["" for _ in ids]), ("one of 600 bytes", lambda ids: ["x" * 600] * 5),
                  ("a line without end", lambda ids: ["x" * 100000] * 5)):
    done = run(Server(FIVE, list_ids=ids), db="odd.db")
    s.check("%s: an error that is told" % name, done.returncode == 1 and "the server" in done.err, done.err)
done = run(Server(FIVE, greeting="-ERR too many of you"), db="odd.db")
s.check("what does not greet as POP3 is told in its own words", done.returncode == 1
        and "does not greet as a POP3 server does: too many of you" in done.err, done.err)
done = run(Server(FIVE, answer={"UIDL": lambda *_: ["OK 1 id"]}), db="odd.db")
s.check("an answer that is neither +OK nor -ERR is told", "neither +OK nor -ERR" in done.err, done.err)

# --- what breaks ------------------------------------------------------------------------------------------------------
cutting = Server(FIVE)


def cut_once(server, n):
    if server.log.count("RETR 3") == 1 and n == "3":
        raise Cut


cutting.before = {"RETR": cut_once}
done = run(cutting, retries="2", db="cut.db")
s.equal("a connection that ends is made anew, and reading goes on", (done.returncode, reports("cut.db")),
        (0, ALL_FIVE))


def cut_always(server, n):
    if server.mails.get("id-3") and n == "3":
        raise Cut


over = Server(FIVE, before={"RETR": cut_always})
done = run(over, retries="2", db="over.db")
s.check("a mail over which the server always hangs up is passed over and told", done.returncode == 3
        and reports("over.db") == [r for r in ALL_FIVE if r != "report-2"] and "uid 3" in done.err, done.err)
half = Server(FIVE, cut_in_mail=300)
done = run(half, "--after", "delete", db="half.db")
s.equal("half a mail is no mail: nothing is stored, nothing is deleted", (done.returncode, reports("half.db"),
                                                                          len(half.mails)), (1, [], 5))
silent = Server(FIVE, before={"RETR": lambda *_: time.sleep(30)})
done = run(silent, timeout="1", db="silent.db")
s.check("a server that falls silent is waited for as long as --timeout says",
        done.returncode == 1 and "silent for 1 seconds" in done.err, done.err)
# A byte comes twenty times as often as it has to, also where the server has to wait for a processor.
dripping = Server(FIVE, drip=0.1)
done = run(dripping, timeout="2", db="dripping.db")
s.check("one that drips is left after twenty times that", "longer than 40 seconds" in done.err, done.err)

# --- deleting ---------------------------------------------------------------------------------------------------------
refusing = Server(FIVE, answer={"QUIT": lambda *_: ["-ERR some deleted messages not removed"]})
done = run(refusing, "--after", "delete", db="quit.db")
s.equal("a QUIT that is refused deletes nothing, and the tasks stay",
        (done.returncode, len(refusing.mails), len(query("quit.db", "SELECT * FROM mailbox_task"))), (1, 5, 5))
refusing.answer = {}
done = run(refusing, "--after", "delete", db="quit.db")
s.equal("... for the next run", (done.returncode, len(refusing.mails), query("quit.db", "SELECT * FROM mailbox_task")),
        (0, 0, []))


def killed_at(word, when, n):
    """Kills the import when the server has got, or has answered, the n-th `word`."""
    db = "kill-%s-%s-%d.db" % (word, when, n)
    server = Server(FIVE)
    process = []

    def kill(of, argument):
        if sum(line.split()[0] == word for line in of.log) == n:
            while not process:
                time.sleep(0.001)
            if when == "after":
                time.sleep(0.05)
            process[0].kill()
            process[0].wait()
            raise Cut

    setattr(server, when, {word: kill})
    process.append(subprocess.Popen([s.binary, "import", "--db", db, "--after", "delete", "--timeout", "5", server.url()],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=s.environment))
    process[0].wait(20)
    sound = {"id-%d" % (int(r.split("-")[1]) + 1) for r in reports(db)} >= set("id-%d" % i for i in range(1, 6)) - set(
        server.mails)
    setattr(server, when, {})
    later = run(server, "--after", "delete", db=db)
    return sound, later.returncode, sorted(reports(db)), len(server.mails)


for word, count in (("UIDL", 1), ("RETR", 1), ("RETR", 5), ("DELE", 1), ("DELE", 5), ("QUIT", 1)):
    for when in ("before", "after"):
        s.equal("kill -9 %s %s %d: nothing is lost, nothing is doubled, all is deleted in the end" % (when, word, count),
                killed_at(word, when, count), (True, 0, ALL_FIVE, 0))
s.finish()
