# SPDX-License-Identifier: Apache-2.0
"""A year of twelve domains as data: their mail, what happens to it, and what has to be told of that.

The truth was written down before the first run. It leans on what a reader of docs/readiness.md would expect of each
kind: a silence is evident once a week of it has gone by, a stranger once he has come back for a week, all else on the
first day with enough of it.
"""
from dataclasses import dataclass, replace
from typing import Optional

import scenarios as s
import simulate as sim
from findings import forwarded, newsletter, office, signed, spoofed
from simulate import Auth, Cadence, Domain, Hosts, Policy, Pool, Reporter, Stream

YEAR, END, DAYS = 2024, "2025-01-01", 366
USUAL = tuple(r.name for r in s.REPORTERS)
REGIONAL, FORGER = "regional.example.net", "forger.example.net"


def ago(date):
    """ "07-12" as simulate.py counts days: backwards from the end."""
    return (sim.day_begin(END) - sim.day_begin(f"{YEAR}-{date}")) // sim.DAY_S


def during(first, last):
    return {"start_ago": ago(first), "stop_ago": ago(last) - 1}


def reporters():
    """The usual five, one that museum.example alone has and loses, and one that does not exist."""
    return s.REPORTERS + (Reporter(REGIONAL, 0.25, stops_ago=ago("04-14") - 1), Reporter(FORGER, 1))


def without_ipv4(sources):
    """In a year two bots of the 256 networks that simulate.py has for them would be one sender that comes back."""
    return replace(sources, ipv4=0.0) if isinstance(sources, sim.Botnet) else sources


def tenant(name, streams, policies=(("01-01", Policy()),), beside=()):
    """All of whose mail goes to the usual reporters and those named beside them, where a stream does not say otherwise."""
    seen = tuple(replace(x, sources=without_ipv4(x.sources), reporters=x.reporters or USUAL + tuple(beside)) for x in streams)
    return Domain(name, seen, ((10**6, policies[0][1]),) + tuple((ago(date), policy) for date, policy in policies[1:]))


@dataclass(frozen=True)
class Event:
    kind: str
    domain: str
    subject: str                # as it is told: a service, a network, a name, a reporter; the domain itself
    evident: str                # the day with whose reports there is evidence enough
    over: Optional[str] = None  # the last day of evidence
    told_over: bool = True      # that it is over is told


@dataclass(frozen=True)
class Said:
    """What an owner says on a day: sections of an inventory."""
    day: str
    text: str


# --- the tenants -----------------------------------------------------------------------------------------------------
def offices():
    """Working weeks and nothing else; the year in which the policy goes all the way."""
    d = "office.example"
    return tenant(d, (office(d, 260, "192.0.2.10"), forwarded(d), spoofed(d, 8)),
                  (("01-01", Policy()), ("08-05", Policy("quarantine")), ("09-09", Policy("reject"))))


def shop():
    """Orders every day, a newsletter of 900 on Tuesdays; at the end of November four days bring ten times as much."""
    d = "shop.example"
    letters = Auth(((d, "brevo1", "pass"), ("brevosend.com", "mail", "pass")), ("sender-sib.com", "pass"), breaks=0.001)
    orders = Auth(((d, "shop", "pass"),), (d, "pass"), breaks=0.001)
    return tenant(d, (
        Stream("orders", sim.OWN, Hosts(("198.51.100.40",)), Cadence(150), (orders,)),
        Stream("surge", sim.OWN, Hosts(("198.51.100.40",)), Cadence(1800, **during("11-25", "11-28")), (orders,)),
        Stream("letters", sim.OWN, Pool(("198.18.60.", "198.18.61."), 4), Cadence(900, weekdays=(1,)), (letters,)),
        forwarded(d), spoofed(d, 5)), (("01-01", Policy("quarantine")),))


def parked():
    """Sends nothing; in May spammers invent a subdomain."""
    d = "parked.example"
    return tenant(d, (
        spoofed(d, 12),
        Stream("invented", sim.SPOOF, sim.Botnet(20, 2), Cadence(300, **during("05-13", "05-17")),
               (Auth((), (f"billing.{d}", "none")),), header_from=f"billing.{d}")),
        (("01-01", Policy("reject")),))


def club():
    """Posts to lists from February on, which break its signatures; the mailer of its members' bulletin is switched off in May."""
    d = "club.example"
    posts = Auth(((d, "s1", "fail"), ("lists.example.org", "l", "pass")), ("lists.example.org", "pass"), reason="mailing_list")
    return tenant(d, (
        office(d, 60, "192.0.2.20"),
        Stream("lists", sim.LIST, Hosts(("203.0.113.200",)), Cadence(30, start_ago=ago("02-12")), (posts,)),
        Stream("bulletin", sim.OWN, Hosts(("198.18.21.9",)), Cadence(45, stop_ago=ago("05-12") - 1), (signed(d, "bul"),)),
        spoofed(d, 4)))


def health():
    """At Microsoft 365, with a relay of its own whose signature breaks for five days while SPF carries it."""
    d = "health.example"
    cloud = Auth(((d, "selector1", "pass"), ("healthexample.onmicrosoft.com", "selector1", "pass")), (d, "pass"), breaks=0.002)
    whole, broken = signed(d, "gw"), Auth(((d, "gw", "fail"),), (d, "pass"))
    return tenant(d, (
        Stream("cloud", sim.OWN, Pool(("198.18.40.", "198.18.41.", "198.18.42."), 6), Cadence(300, working=True), (cloud,)),
        Stream("relay", sim.OWN, Hosts(("198.18.20.5",)), Cadence(80), (whole,),
               ((ago("10-14"), (broken,)), (ago("10-19"), (whole,)))),
        forwarded(d), spoofed(d, 6)), (("01-01", Policy("quarantine")),))


def campus():
    """Has a policy of its own for subdomains. In March spammers invent one; in June the owner begins to use another."""
    d = "campus.example"
    below = f"students.{d}"
    return tenant(d, (
        office(d, 220, "192.0.2.30"),
        Stream("students", sim.OWN, Hosts(("192.0.2.31",)), Cadence(90), (signed(below, "st"),), header_from=below),
        Stream("events", sim.OWN, Hosts(("192.0.2.30",)), Cadence(40, start_ago=ago("06-03")), (signed(d, "s1"),),
               header_from=f"events.{d}"),
        Stream("invented", sim.SPOOF, sim.Botnet(20, 2), Cadence(400, **during("03-11", "03-15")),
               (Auth((), (f"library.{d}", "none")),), header_from=f"library.{d}"),
        forwarded(d), spoofed(d, 8)), (("01-01", Policy("reject", sp="none")),))


def agency():
    """A survey tool is new in November; a machine in the cellar sends unsigned from April on, until the owner says what it is."""
    d = "agency.example"
    survey = Auth(((d, "sm", "pass"), ("surveymonkeyuser.com", "k", "pass")), ("surveymonkeyuser.com", "pass"))
    return tenant(d, (
        office(d, 120, "192.0.2.40"),
        Stream("survey", sim.OWN, Hosts(("198.51.100.77",)), Cadence(35, start_ago=ago("11-04")), (survey,)),
        Stream("cellar", sim.UNAUTH, Hosts(("203.0.113.55",)), Cadence(12, start_ago=ago("04-08")), (Auth((), (d, "softfail")),)),
        forwarded(d), spoofed(d, 3)))


def clinic():
    """Its newsletters go out by Mailchimp, whose key is lost in May and published again in July."""
    d = "clinic.example"
    shared = ("mcsv.net", "k1", "pass")
    whole = Auth(((d, "k2", "pass"), shared), ("mail7.mcsv.net", "pass"))
    broken = Auth(((d, "k2", "fail"), shared), ("mail7.mcsv.net", "pass"))
    return tenant(d, (
        office(d, 160, "192.0.2.50"),
        Stream("letters", sim.OWN, Hosts(("203.0.113.7", "203.0.113.8")), Cadence(60), (whole,),
               ((ago("05-20"), (broken,)), (ago("07-13"), (whole,)))),
        forwarded(d), spoofed(d, 5)))


def bank():
    """At p=reject. In March the record is lost for four days; in June somebody replays its mail; in September somebody
    makes up a report."""
    d = "bank.example"
    sent = signed(d, "s1")
    reject = Policy("reject")
    return tenant(d, (
        Stream("statements", sim.OWN, Hosts(("192.0.2.60", "192.0.2.61")), Cadence(400, working=True), (sent,)),
        Stream("replay", sim.SPOOF, sim.Botnet(40, 2), Cadence(2600, **during("06-10", "06-12")),
               (Auth(((d, "s1", "pass"),), ("bulk.example.org", "none")),)),
        Stream("forged", sim.OWN, Hosts(("192.0.2.60",)), Cadence(20000, **during("09-24", "09-24")), (sent,), reporters=(FORGER,)),
        forwarded(d), spoofed(d, 30)), (("01-01", reject), ("03-18", Policy("none")), ("03-22", reject)))


def museum():
    """Small, with invoices on the first of the month. A reporter is gone in April; from the middle of September the
    letters on Thursdays are three times as many as their label expects, and in October that label is to be reviewed."""
    d = "museum.example"
    letters = newsletter(d, rate=150, weekday=3)
    return tenant(d, (
        Stream("tickets", sim.OWN, Hosts(("192.0.2.70",)), Cadence(60), (signed(d, "s1"),)),
        replace(letters, sources=Hosts(("198.51.100.20",))),
        Stream("more", sim.OWN, Hosts(("198.51.100.20",)), Cadence(300, weekdays=(3,), start_ago=ago("09-19")), letters.auth),
        Stream("invoices", sim.OWN, Hosts(("203.0.113.30",)), Cadence(40, month_days=(1,)), (signed(d, "inv"),)),
        spoofed(d, 2)), beside=(REGIONAL,))


def foundry():
    """Changes its key in February and its provider in July: the mail goes on, and nobody has to do anything."""
    d = "foundry.example"
    before, after = signed(d, "key1"), signed(d, "key2")
    return tenant(d, (
        Stream("old", sim.OWN, Hosts(("2001:db8:10::25",)), Cadence(110, working=True, stop_ago=ago("06-30") - 1), (before,),
               ((ago("02-26"), (after,)),)),
        Stream("moved", sim.OWN, Hosts(("2001:db8:20::25",)), Cadence(110, working=True, start_ago=ago("07-01")), (after,)),
        forwarded(d), spoofed(d, 4)), (("01-01", Policy("quarantine")),))


def hotel():
    """Bookings by a service, fewer of them in November, letters on Thursdays: an ordinary year."""
    d = "hotel.example"
    booked = Auth(((d, "ses", "pass"), ("amazonses.com", "x", "pass")), ("amazonses.com", "pass"), breaks=0.001)
    return tenant(d, (
        office(d, 50, "192.0.2.80"),
        Stream("bookings", sim.OWN, Pool(("198.18.9.", "198.18.10."), 3), Cadence(90, stop_ago=ago("11-01") - 1), (booked,)),
        Stream("winter", sim.OWN, Pool(("198.18.9.", "198.18.10."), 3), Cadence(35, start_ago=ago("11-02")), (booked,)),
        replace(newsletter(d, rate=200, weekday=3), sources=Hosts(("198.51.100.90",))),
        forwarded(d), spoofed(d, 7)))


TENANTS = (offices, shop, parked, club, health, campus, agency, clinic, bank, museum, foundry, hotel)

LETTERS = "[198.51.100.20]\ndomain = museum.example\nlabel = legitimate\nowner = visitors@museum.example\n"
SAID = (
    Said("03-01", LETTERS + "expected = 150/week\nreview = 2024-10-01\nmade = 2024-03-01T08:00:00Z\n"),
    Said("04-29", "[203.0.113.55]\ndomain = agency.example\nlabel = ignore\nmade = 2024-04-29T08:00:00Z\n"),
    Said("10-07", LETTERS + "expected = 450/week\nreview = 2025-10-01\nmade = 2024-10-07T08:00:00Z\n"),
)

EVENTS = (
    Event("forwarded_fails", "club.example", "203.0.113.0/24", "02-20"),  # a tenth of own mail of 30 days
    Event("policy_changed", "bank.example", "bank.example", "03-18"),
    Event("policy_changed", "bank.example", "bank.example", "03-22"),
    Event("unknown_sender", "agency.example", "203.0.113.0/24", "04-10", "04-28", told_over=False),
    Event("reporter_silent", "museum.example", REGIONAL, "04-21"),
    Event("ceased", "club.example", "198.18.21.0/24", "05-19"),
    Event("own_broken", "clinic.example", "Mailchimp", "05-20", "07-12"),
    Event("new_from_domain", "campus.example", "events.campus.example", "06-03"),
    Event("replay_suspected", "bank.example", "bank.example/s1", "06-10", "06-12"),
    Event("policy_changed", "office.example", "office.example", "08-05"),
    Event("policy_changed", "office.example", "office.example", "09-09"),
    Event("expected_volume", "museum.example", "198.51.100.20", "09-21", "10-06", told_over=False),
    Event("forged_report", "bank.example", FORGER, "09-24", "09-24"),
    Event("review_due", "museum.example", "198.51.100.20", "09-30", "10-06", told_over=False),
    Event("dkim_broken", "health.example", "198.18.20.0/24", "10-14", "10-18"),
    Event("new_sender", "agency.example", "SurveyMonkey", "11-04"),
    Event("surge", "shop.example", "198.51.100.0/24", "11-26", "11-28"),
)
