#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The made-up half year of tests/readiness/findings.py, in which things happen, told day by day by mail, to a web service and
to a command, each of which is away on some days, as computers are. Each state of each finding must arrive once by each way.

    ./quarter.py --binary BUILD/cmd/dmarcctl [--days 160] [--every 1] [--seed 1]
"""
import argparse
import collections
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "readiness"))
import findings as year  # noqa: E402
import post  # noqa: E402
from kit import lines_of, there  # noqa: E402
from truth import Truth  # noqa: E402
import scenarios  # noqa: E402
import simulate as sim  # noqa: E402

# All kinds but the one that is about the ways themselves: what each is told is then the same.
KINDS = ("replay_suspected,own_broken,dkim_broken,forged_report,surge,ceased,unknown_sender,import_failing,reports_stale,"
         "spf_alone,forwarded_fails,unchecked,new_from_domain,new_sender,policy_changed,verdict_changed,reporter_silent")


def configuration(mail, web):
    text = "[defaults]\nquiet = yes\n"
    if mail:
        text += ("[notify mail]\nto = mailto:joe@example.com\nsmtp = smtp://joe%%40example.com@127.0.0.1:%d\npassword-file = password\n"
                 "ca-file = ca.pem\nretries = 0\nkinds = %s\n" % (mail.port, KINDS))
    if web:
        text += "[notify web]\nto = %s\nca-file = ca.pem\nretries = 0\nkinds = %s\n" % (web.url, KINDS)
    # Away while there is a file "away"; and it ends the run that called it, once it has taken a message, where there is "kill".
    text += ("[notify command]\nkinds = %s\nto = exec:test ! -e away || exit 1; cat >> command.jsonl; test ! -e kill || kill -9 "
             "$PPID\n" % KINDS)
    return text + "[notify operator]\nkinds = notify_failing\nto = exec:cat >> operator.jsonl\n"


class Year:
    def __init__(self, options, folder):
        self.options, self.env = options, dict(os.environ, DMARCCTL_CONFIG="/dev/null", no_proxy="*")
        self.end_s = sim.day_begin(year.END)
        self.days = [year.day_of(ago, self.end_s) for ago in range(options.days, 0, -1)]
        self.truth, self.checks = Truth(self.days), year.Checks()
        os.chdir(folder)
        self.authority = post.Authority(".") if post.shutil.which("openssl") else None
        self.mail = post.MailServer(self.authority).start() if post.have_smtp() else None
        self.web = post.WebServer(self.authority, "web").start() if self.authority and post.find_lighttpd() else None
        for name, text in (("password", post.PASSWORD + "\n"), ("conf", configuration(self.mail, self.web))):
            with open(name, "w") as f:
                f.write(text)
            os.chmod(name, 0o600)

    def make(self):
        world = sim.World((year.eventful(), year.quiet(0)), scenarios.REPORTERS, year.DAYS)
        sim.generate(world, "reports", self.options.seed, self.end_s)
        subprocess.run([self.options.binary, "import", "--quiet", "--db", "year.db", "reports"], env=self.env, check=True)

    # --- a day ---------------------------------------------------------------------------------------------------------
    def away(self, chance):
        """Spells of some days, as servers have them."""
        if self.chance.random() < 0.12:
            return 1 + int(self.chance.random() * 5)
        return max(0, chance - 1)

    def set_up(self, server, is_up):
        if server and is_up != self.ups[server]:
            server.start() if is_up else server.stop()
            self.ups[server] = is_up

    def notify(self, day):
        done = subprocess.run([self.options.binary, "notify", "--db", "year.db", "--config", "conf", "--as-of", day],
                              env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        self.statuses[done.returncode] += 1
        if done.returncode not in (0, 1, -signal.SIGKILL):
            sys.exit("notify --as-of %s: exit status %d: %s" % (day, done.returncode, done.stderr))

    def has_looked(self, day):
        with sqlite3.connect("year.db") as c:
            rows = c.execute("SELECT date(looked_s, 'unixepoch') FROM notify_way WHERE section = 'command'").fetchall()
        return rows == [(day,)]

    def live(self):
        self.chance, self.statuses, self.looks = random.Random(self.options.seed), collections.Counter(), []
        self.ups = {self.mail: True, self.web: True}
        away = [0, 0, 0]
        for number, day in enumerate(self.days):
            self.truth.learn(number, year.ask(self.options.binary, "year.db", day, self.env))
            is_last = number + 1 == len(self.days)
            if number % self.options.every and not is_last:
                continue
            away = [0, 0, 0] if is_last else [self.away(a) for a in away]
            self.set_up(self.mail, not away[0])
            self.set_up(self.web, not away[1])
            there("away", is_there=away[2] > 0)
            there("kill", is_there=not is_last and self.chance.random() < 0.4)
            self.notify(day)
            if self.has_looked(day):  # it was not killed over what had waited
                self.looks.append(number)
        there("kill", is_there=False)
        self.notify(day)

    # --- what arrived --------------------------------------------------------------------------------------------------
    def check_way(self, name, messages, repeats_may_be):
        by_id = collections.Counter(m["id"] for m in messages)
        first = {m["id"]: m for m in reversed(messages)}
        self.checks.that("%s: %d messages, each %s" % (name, len(first), "the same however often it came" if repeats_may_be else "once"),
                         all(m == first[m["id"]] for m in messages) and (repeats_may_be or max(by_id.values()) == 1), by_id)
        told = collections.Counter()
        for m in first.values():
            for f in m["findings"]["rows"]:
                told[(m["as_of"][:10], f["id"], "gone" if f["state"] == "gone" else "due", f["first_seen"])] += 1
        expected = {(self.days[look], *rest) for look, *rest in self.truth.told_to(self.looks)}
        twice = {key: n for key, n in told.items() if n > 1}
        self.checks.that("%s: no state is told twice" % name, not twice, twice)
        self.checks.that("%s: %d states are told, as findings has them, each on its day" % (name, len(told)), set(told) == expected,
                         {"missing": expected - set(told), "beside": set(told) - expected})
        return sorted((m["as_of"], m["subject"]) for m in first.values())

    def check(self):
        command = self.check_way("command", lines_of("command.jsonl"), True)
        self.checks.that("there was something to tell", len(self.truth.lives) >= 3, self.truth.lives)
        self.checks.that("some runs were killed, and some could not send", self.statuses[-signal.SIGKILL] > 1 and self.statuses[1] > 3,
                         self.statuses)
        if self.web:
            web = self.check_way("web", [r["json"] for r in self.web.taken()], False)
            self.checks.that("web: the messages of the command", web == command, (web, command))
        if self.mail:
            mails = [(m.message["Date"].datetime.strftime("%Y-%m-%dT%H:%M:%SZ"), m.subject) for m in self.mail.mails]
            self.checks.that("mail: %d mails, each once" % len(mails),
                             len({m.message["Message-Id"] for m in self.mail.mails}) == len(mails), mails)
            self.checks.that("mail: the messages of the command", sorted(mails) == command, (mails, command))
        failing = collections.Counter(f["subject"] for m in lines_of("operator.jsonl") for f in m["findings"]["rows"])
        ways = {"command"} | ({"mail"} if self.mail else set()) | ({"web"} if self.web else set())
        self.checks.that("that they fail is told", failing and set(failing) <= ways, failing)
        with sqlite3.connect("year.db") as c:
            left = c.execute("SELECT count(*) FROM notify_message").fetchall() + \
                c.execute("SELECT count(*) FROM notify_told WHERE message_id > 0").fetchall()
        self.checks.that("nothing is left to be sent", left == [(0,), (0,)], left)


def main():
    parser = argparse.ArgumentParser(description="Sends what half a year has to tell by ways that are away on some days.")
    parser.add_argument("--binary", required=True)
    parser.add_argument("--days", type=int, default=160, help="how many of them, the last ones (%(default)s)")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="runs on each Nth of them only")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    with tempfile.TemporaryDirectory() as folder:
        life = Year(options, folder)
        for name, server in (("SMTP: aiosmtpd", life.mail), ("the web: lighttpd", life.web)):
            if not server:
                print("%s is missing: left out" % name)
        life.make()
        life.live()
        life.check()
        for server in (life.mail, life.web):
            if server:
                server.stop()
        os.chdir("/")
    print("%d passed, %d failed" % (life.checks.passed, life.checks.failed))
    return 1 if life.checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
