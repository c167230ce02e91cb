# SPDX-License-Identifier: Apache-2.0
"""The scenarios as data: a world of mail, what its owner said of it, and what the readiness engine must answer.

Each names one situation and says in one sentence why its answer is the right one. A set of verdicts or classes stands
where the data honestly allow more than one answer.
"""
from dataclasses import dataclass, field, replace
from typing import Optional

from simulate import (FORWARDER, LIST, OWN, SPOOF, UNAUTH, Auth, Botnet, Cadence, Domain, Hosts, Policy, Pool, Reporter,
                      Stream, World)


@dataclass(frozen=True)
class Who:
    """Somebody in a list of blockers: by a network his address is in, or by a word of his name."""
    network: Optional[str]     # None: by his name alone
    service: str = ""          # regular expression


@dataclass(frozen=True)
class Label:
    source: str
    verdict: str               # legitimate, forwarder, unauthorised, ignore
    domain: Optional[str] = None
    until_ago: Optional[int] = None


@dataclass(frozen=True)
class Expect:
    verdict: frozenset
    next_policy: Optional[str] = None          # a word of the next policy, where the verdict is READY
    record_has: tuple = ()                     # of the next record, where the verdict is READY
    record_lacks: tuple = ()
    blocked_by: tuple = ()
    not_blocked_by: tuple = ()
    max_blockers: Optional[int] = None
    classes: dict = field(default_factory=dict)  # {stream: classes that at least `share` of its messages must have}
    share: float = 0.97
    never: dict = field(default_factory=dict)    # {stream: classes}, instead of NEVER of its truth
    dormant: tuple = ()                        # streams that must be shown as dormant
    own_pass_rate: Optional[tuple] = None      # (low, high)
    raw_pass_rate: Optional[tuple] = None
    figures: dict = field(default_factory=dict)  # {gate: (low, high)}
    says: tuple = ()                           # words that readiness or diff of the last 7 days must say of it
    says_not: tuple = ()


@dataclass(frozen=True)
class Scenario:
    name: str
    reason: str
    world: World
    expect: dict               # {domain: Expect}
    labels: tuple = ()
    asked_after: int = 0       # days between the last data and the question; negative: asked as of the past
    today: bool = False        # data must end today: its clocks run ahead of the host's


# What a stream of this truth must never be called, whatever else.
NEVER = {
    OWN: {"suspicious", "unauthorised", "forwarder_modified"},
    UNAUTH: {"own", "own_broken", "forwarder", "forwarder_modified"},
    FORWARDER: {"own", "legitimate", "unauthorised"},
    LIST: {"own", "legitimate"},
    SPOOF: {"own", "legitimate", "own_broken"},
}

D = "example.com"
REPORTERS = (
    Reporter("bigmail.example.net", 0.40, knows_arc=True),
    Reporter("webmail.example.org", 0.26, gives_envelope_to=True),
    Reporter("telco.example.net", 0.14, schema="rfc9990"),
    Reporter("corporate.example.org", 0.12),
    Reporter("campus.example.org", 0.08),
)


def reporters(**quirks):
    """The usual reporters, some with a quirk: reporters(campus={"clock_days": 30})."""
    return tuple(replace(r, **quirks.get(r.name.split(".")[0], {})) for r in REPORTERS)


# --- streams everybody has -------------------------------------------------------------------------------------------
def signed(*pairs):
    """Passing signatures from "domain/selector" texts."""
    return tuple((*pair.split("/"), "pass") for pair in pairs)


def office(rate=260, domain=D, ip="192.0.2.", **cadence):
    """The owner's two servers: own signature and own SPF."""
    auth = Auth(signed(f"{domain}/s1"), (domain, "pass"), breaks=0.002)
    return Stream("office", OWN, Hosts((ip + "10", ip + "11")), Cadence(rate, True, **cadence), (auth,))


SES_HOSTS = Hosts(("198.19.10.5", "198.19.10.6", "198.19.10.7", "198.19.10.8"))
SES = Who("198.19.10.0/24", "(?i)amazon")


def ses_auth(selector="ses1", domain=D, breaks=0.001, result="pass"):
    return Auth(((domain, selector, result), ("amazonses.com", "shared", "pass")), ("amazonses.com", "pass"),
                breaks=breaks)


def ses(rate=120, later=(), sources=SES_HOSTS, auth=None, name="ses", **cadence):
    """Amazon SES with its DKIM published, without a custom MAIL FROM: aligned by DKIM only."""
    return Stream(name, OWN, sources, Cadence(rate, **cadence), (auth or ses_auth(),), later)


def sendgrid(rate=60):
    """SendGrid with its CNAMEs: aligned by both."""
    auth = Auth(signed(f"{D}/sg1", "sendgrid.net/smtpapi"), (f"em.{D}", "pass"), breaks=0.001)
    return Stream("sendgrid", OWN, Hosts(("198.19.20.4", "198.19.20.5")), Cadence(rate), (auth,))


def crm(rate=60, selectors=()):
    """An unknown service with the owner's return path: aligned by SPF only."""
    auth = Auth(signed("crm.example.net/k1", *selectors), (f"bounce.{D}", "pass"))
    return Stream("crm", OWN, Hosts(("198.19.40.12",)), Cadence(rate, True), (auth,))


CRM = Who("198.19.40.0/24", r"crm\.example\.net")
MAILCHIMP_HOSTS = Hosts(("198.19.30.21", "198.19.30.22"))
MAILCHIMP = Who("198.19.30.0/24", "(?i)mailchimp|mcsv|mandrill")


def mailchimp(rate=20, truth=UNAUTH, **cadence):
    """Mailchimp in its own name: nothing of the owner's on it."""
    auth = Auth(signed("mcsv.net/k1"), ("mail5.suw11.mcsv.net", "pass"))
    return Stream("mailchimp", truth, MAILCHIMP_HOSTS, Cadence(rate, **cadence), (auth,))


def alumni(rate=4, host="203.0.113.40", name="alumni", breaks=0.0, selectors=("s1", "ses1")):
    """A plain forwarder: the signature survives, SPF does not."""
    auth = (Auth(signed(f"{D}/s1"), (D, "softfail"), 0.75, breaks),)
    if "ses1" in selectors:
        auth += (Auth(signed(f"{D}/ses1"), ("amazonses.com", "softfail"), 0.25, breaks),)
    return Stream(name, FORWARDER, Hosts((host,)), Cadence(rate, True), auth)


def bots(messages=10, per_day=8, spf="softfail", domain=D, name="bots", auth=None, life_days=2, **cadence):
    return Stream(name, SPOOF, Botnet(per_day, life_days), Cadence(messages, **cadence), auth or (Auth((), (domain, spf)),))


def mailing_list(rate, name="list", host="203.0.113.200", lists="lists.example.org", selectors=("s1", "ses1", "sg1"),
                 sealed=False, reason=None):
    """A list that adds a footer: the owner's signature breaks, the list's own passes."""
    auth = tuple(Auth(((D, s, "fail"), (lists, "l1", "pass")), (lists, "pass"), sealed=sealed, reason=reason)
                 for s in selectors)
    return Stream(name, LIST, Hosts((host,)), Cadence(rate, True), auth)


def usual():
    """An honest domain that may move: servers, a service, a forwarder, a little spoofing."""
    return (office(), ses(), alumni(), bots())


def world(*streams, policies=None, days=60, of=REPORTERS):
    return World((Domain(D, streams, policies or ((10**6, Policy()),)),), of, days)


def at(p, **tags):
    """That policy in all the data."""
    return ((10**6, Policy(p, **tags)),)


def expect(*verdicts, **rest):
    return {D: Expect(frozenset(verdicts), **rest)}


def ready(next_policy="quarantine", **rest):
    return expect("READY", next_policy=next_policy, **rest)


OWN_PASSES, FAILS_AS_OWN = {"own"}, {"own_broken"}
FORWARDED, UNDECIDED, SUSPICIOUS = {"forwarder"}, {"undecided"}, {"suspicious"}
MODIFIED = {"forwarder_modified", "forwarder"}
NOT_OURS = {"suspicious", "undecided"}
HONEST = {"office": OWN_PASSES, "ses": OWN_PASSES}
LOST_OWN_SES = {"ses": {"own", "own_broken"}}

SCENARIOS = []


def scenario(name, reason, of_world, expected, **rest):
    SCENARIOS.append(Scenario(name, reason, of_world, expected, **rest))


def by_name(name):
    return next(s for s in SCENARIOS if s.name == name)


# --- honest senders --------------------------------------------------------------------------------------------------
scenario("own_servers", "Own servers that pass for 60 days at none leave nothing to wait for.",
         world(office(), bots()), ready(classes={"office": OWN_PASSES, "bots": SUSPICIOUS}, own_pass_rate=(0.99, 1)))
scenario("usual", "A forwarder and a little spoofing beside mail that passes hold nobody back.",
         world(*usual()), ready(classes={**HONEST, "alumni": FORWARDED, "bots": SUSPICIOUS}))
scenario("services_aligned", "DKIM alone, SPF alone and both are each a pass, and at none SPF alone only warns.",
         world(office(), ses(), sendgrid(), crm(), bots()),
         ready(classes={**HONEST, "sendgrid": OWN_PASSES, "crm": OWN_PASSES}))
scenario("own_ipv6", "An address family is no reason to think otherwise.",
         world(replace(office(), sources=Hosts(("2001:db8:1::25", "2001:db8:1::26"))), ses(), bots()),
         ready(classes=HONEST))
scenario("two_sites",
         "A selector has several homes: one with a real share of its volume, one whose envelope is the owner's.",
         world(office(), ses(),
               Stream("site_b", OWN, Hosts(("203.0.113.20",)), Cadence(70, True),
                      (Auth(signed(f"{D}/s1"), (D, "softfail"), breaks=0.001),)),
               Stream("site_c", OWN, Hosts(("198.19.70.9",)), Cadence(4, True),
                      (Auth(signed(f"{D}/s1"), (D, "pass")),)), bots()),
         ready(classes={**HONEST, "site_b": OWN_PASSES, "site_c": OWN_PASSES}))
scenario("provider_rotation",
         "A provider sends from other addresses each day: a new address of a known home is no new source.",
         world(office(), ses(sources=Pool(tuple(f"198.19.{n}." for n in range(10, 16)), 6)), alumni(), bots()),
         ready(classes=HONEST))
scenario("new_service_settled", "A service that began 20 days ago and passes has outlived the 7 days of the gate.",
         world(office(), ses(start_ago=20), bots()), ready(classes=HONEST))
scenario("new_service_recent", "A new own source within 7 days asks for patience, whatever its pass rate.",
         world(office(), ses(start_ago=4), bots()), expect("INSUFFICIENT_DATA", "NOT_READY", classes=HONEST))
scenario("subdomain_aligned", "A subdomain that signs in its own name passes under the inherited policy.",
         world(office(), ses(), bots(),
               Stream("news", OWN, Hosts(("198.19.40.30",)), Cadence(50),
                      (Auth(signed(f"news.{D}/n1", "crm.example.net/k1"), ("crm.example.net", "pass"), breaks=0.001),),
                      header_from=f"news.{D}")),
         ready(classes={**HONEST, "news": OWN_PASSES}))

# --- the owner's mail that fails -------------------------------------------------------------------------------------
scenario("own_server_fails", "3.5 % of all own mail failing lies under the 98 % bound, with evidence whose it is.",
         world(Stream("hosted", OWN, Hosts(("192.0.2.30", "192.0.2.31")), Cadence(300, True),
                      (Auth(signed(f"{D}/s1"), ("host.example.net", "pass"), breaks=0.035),)), bots()),
         expect("NOT_READY", blocked_by=(Who("192.0.2.0/24", r"host\.example\.net"),),
                classes={"hosted": {"own", "own_broken"}}))
scenario("two_sites_one_breaks",
         "The second home of the selector fails a quarter of its mail: own mail, named by its network.",
         world(office(), ses(), Stream("site_b", OWN, Hosts(("203.0.113.20",)), Cadence(70, True),
                                       (Auth(signed(f"{D}/s1"), (D, "softfail"), breaks=0.25),)), bots()),
         expect("NOT_READY", blocked_by=(Who("203.0.113.0/24"),), not_blocked_by=(Who("192.0.2.0/24"), SES),
                classes={**HONEST, "site_b": {"own", "own_broken"}}))
scenario("rotation_breaks_service",
         "A service whose new key never verified is still the owner's service: 12 days of lost mail.",
         world(office(), ses(later=((12, (ses_auth("ses2", result="fail"),)),)), alumni(), bots()),
         expect("NOT_READY", blocked_by=(SES,), not_blocked_by=(Who("192.0.2.0/24"),), classes=LOST_OWN_SES,
                never={"ses": NEVER[OWN] | {"undecided", "forwarder"}}))
scenario("rotation_breaks_gateway",
         "A gateway was home of the old selector; its new one has never passed, yet the mail stays own.",
         world(office(), bots(),
               Stream("factory", OWN, Hosts(("198.19.80.7",)), Cadence(90, True),
                      (Auth(signed(f"{D}/f1"), (D, "softfail"), breaks=0.001),),
                      ((12, (Auth(((D, "f2", "fail"),), (D, "softfail")),)),))),
         expect("NOT_READY", blocked_by=(Who("198.19.80.0/24"),), classes={"factory": {"own", "own_broken"}}))
scenario("selector_never_worked",
         "A second set-up at a service in use was never right: known service, own signature, own mail.",
         world(office(), ses(), bots(),
               ses(40, name="ses_second", sources=Hosts(("198.19.11.77",)), auth=ses_auth("ses9", result="fail"))),
         expect("NOT_READY", blocked_by=(Who("198.19.11.0/24", "(?i)amazon"),), classes={"ses_second": FAILS_AS_OWN}))
scenario("strict_alignment", "Under adkim=s and aspf=s a signature of a subdomain passes and does not count.",
         world(office(), ses(), bots(),
               Stream("shop", OWN, Hosts(("198.19.40.50",)), Cadence(60, True),
                      (Auth(signed(f"mail.{D}/m1"), (f"bounce.{D}", "pass")),)),
               policies=at("none", adkim="s", aspf="s")),
         expect("NOT_READY", blocked_by=(Who("198.19.40.0/24"),), classes={"shop": {"own", "own_broken"}}))
scenario("strict_dkim_relaxed_spf",
         "adkim=s says nothing of SPF: a return path below the domain aligns, and its mail is own.",
         world(office(), ses(), crm(), bots(), policies=at("none", adkim="s")),
         ready(classes={**HONEST, "crm": OWN_PASSES}, record_has=("adkim=s",), record_lacks=("aspf=s",)))
scenario("relaxed_dkim_strict_spf", "aspf=s says nothing of DKIM: a signature of a subdomain aligns.",
         world(office(), ses(), bots(), policies=at("none", aspf="s"), *(
             Stream("shop", OWN, Hosts(("198.19.40.50",)), Cadence(60, True),
                    (Auth(signed(f"mail.{D}/m1"), (f"bounce.{D}", "pass")),)),)),
         ready(classes={**HONEST, "shop": OWN_PASSES}, record_has=("aspf=s",), record_lacks=("adkim=s",)))
scenario("subdomain_breaks",
         "Without sp the subdomain falls under p, so its failing mail blocks unless sp=none goes with it.",
         world(office(), ses(), bots(),
               Stream("news", OWN, Hosts(("198.19.40.30",)), Cadence(50),
                      (Auth(signed(f"news.{D}/n1", "crm.example.net/k1"), ("crm.example.net", "pass"), breaks=0.3),),
                      header_from=f"news.{D}")),
         expect("NOT_READY", "READY", record_has=("sp=none",), classes={"news": {"own", "own_broken"}}))
scenario("short_history", "20 days are no month, however clean.",
         world(*usual(), days=20), expect("INSUFFICIENT_DATA", classes=HONEST))

# --- what a gate must see, and what it must not take for a fault ----------------------------------------------------
def workspace(rate=400, breaks=0.003, spf="pass", **rest):
    """A provider that sends from two dozen networks with one selector, and that no catalogue knows."""
    pool = Pool(tuple(f"198.19.{n}." for n in range(100, 124)), 24)
    return Stream("workspace", OWN, pool, Cadence(rate, True), (Auth(signed(f"{D}/google"), (D, spf), breaks=breaks),),
                  **rest)


scenario("provider_of_many_networks",
         "One selector in 24 networks is one source: a broken message here and there is no broken network.",
         world(workspace(spf="softfail"), bots(), policies=at("quarantine")), ready("reject"))
scenario("provider_of_many_networks_small", "The same with three messages a day in a network: without any of its reporters the lower bound may "
         "fall below the limit, and then it rests on them.",
         world(workspace(75, spf="softfail"), bots(), policies=at("quarantine")),
         expect("READY", "INSUFFICIENT_DATA", next_policy="reject", max_blockers=0))
scenario("provider_breaks_everywhere",
         "4 % that fail, spread over 24 networks, are one source that fails, though none of them shows it.",
         world(office(900), workspace(75, 0.04, "softfail"), bots(), policies=at("quarantine")),
         expect("NOT_READY", blocked_by=(Who("198.19.96.0/19"),), not_blocked_by=(Who("192.0.2.0/24"),)))
scenario("dkim_lost_spf_passes",
         "SendGrid's key broke four days ago; SPF still passes all of it, which must not be relied on at reject.",
         world(office(), ses(), replace(sendgrid(), later=((4, (Auth(((D, "sg1", "fail"), ("sendgrid.net", "smtpapi",
                                                                                            "pass")),
                                                                      (f"em.{D}", "pass")),)),)), bots(),
               policies=at("quarantine")),
         expect("NOT_READY", blocked_by=(Who("198.19.20.0/24", "(?i)sendgrid"),),
                not_blocked_by=(Who("192.0.2.0/24"), SES)))
scenario("dkim_lost_at_the_target", "The same once p=reject is in force: whoever forwards its mail loses it.",
         world(office(), ses(), replace(sendgrid(), later=((4, (Auth((("sendgrid.net", "smtpapi", "pass"),),
                                                                      (f"em.{D}", "pass")),)),)), bots(),
               policies=at("reject")),
         expect("NOT_READY", blocked_by=(Who("198.19.20.0/24", "(?i)sendgrid"),)))
scenario("dkim_lost_by_one_program",
         "One of two programs on the office's servers lost its key: a tenth of their mail, all of it saved by SPF.",
         world(office(), ses(), bots(), policies=at("quarantine"), *(
             Stream("shop", OWN, Hosts(("192.0.2.10", "192.0.2.11")), Cadence(30),
                    (Auth(signed(f"{D}/shop"), (D, "pass")),),
                    ((5, (Auth(((D, "shop", "fail"),), (D, "pass")),)),)),)),
         expect("NOT_READY", blocked_by=(Who("192.0.2.0/24"),), not_blocked_by=(SES,)))
scenario("dkim_back_again", "A key that was lost for three days two weeks ago and signs again is no loss today.",
         world(office(), ses(), replace(sendgrid(), later=(
             (16, (Auth(((D, "sg1", "fail"), ("sendgrid.net", "smtpapi", "pass")), (f"em.{D}", "pass")),)),
             (13, sendgrid().auth))), bots(), policies=at("quarantine")), ready("reject"))
scenario("new_source_carried_before",
         "The office's relay passed single messages of a new service on for weeks; the service itself is four days old.",
         world(office(), bots(), ses(40, start_ago=4),
               Stream("relayed", OWN, Hosts(("192.0.2.10",)), Cadence(3, runs_ago=(55, 41, 33)),
                      (Auth(signed(f"{D}/s1", f"{D}/s0"), (D, "pass")),)),
               Stream("pilot", OWN, Hosts(("192.0.2.11",)), Cadence(2, runs_ago=(3,)),
                      (Auth(signed(f"{D}/ses1"), (D, "pass")),))),
         expect("INSUFFICIENT_DATA"))

# --- mail without authentication, and the owner's answers ------------------------------------------------------------
scenario("service_unauthenticated", "A service that sends for others, at 6 % of own mail: only its owner knows.",
         world(*usual(), mailchimp()),
         expect("NEEDS_DECISION", blocked_by=(MAILCHIMP,), classes={**HONEST, "mailchimp": UNDECIDED}))
scenario("service_unauthenticated_small", "The same at 0.4 % of own mail stays under 1 % for one.",
         world(*usual(), mailchimp(1.3)), ready(classes=HONEST))
scenario("office_network_unauthenticated",
         "An unknown network in the rhythm of working weeks may be the owner's printer.",
         world(*usual(), Stream("scanner", UNAUTH, Hosts(("198.19.60.5",)), Cadence(25, True),
                                (Auth((), (D, "softfail")),))),
         expect("NEEDS_DECISION", blocked_by=(Who("198.19.60.0/24"),), classes={"scanner": UNDECIDED}))
scenario("labelled_legitimate", "The owner said it is his: now it is own mail that fails, and not a question.",
         world(*usual(), mailchimp()),
         expect("NOT_READY", blocked_by=(MAILCHIMP,), classes={"mailchimp": {"legitimate"}}),
         labels=(Label("mcsv.net", "legitimate"),))
scenario("labelled_unauthorised", "The owner said it is none of his: nothing is left to ask.",
         world(*usual(), mailchimp(truth=SPOOF)), ready(classes={"mailchimp": {"unauthorised"}},
                                                        not_blocked_by=(MAILCHIMP,)),
         labels=(Label("198.19.30.0/24", "unauthorised"),))
scenario("labelled_ignore", "Ignored mail neither counts nor asks.",
         world(*usual(), mailchimp(truth=SPOOF)), ready(classes={"mailchimp": {"ignored"}}),
         labels=(Label("198.19.30.21", "ignore"), Label("198.19.30.22", "ignore")))
scenario("labelled_forwarder", "A big list that the owner knows as one is no undecided source any more.",
         world(*usual(), mailing_list(12, selectors=("s1",))), ready(classes={"list": FORWARDED}),
         labels=(Label("203.0.113.200", "forwarder"),))
scenario("label_expired", "An answer given until a day that is past is no answer.",
         world(*usual(), mailchimp()),
         expect("NEEDS_DECISION", blocked_by=(MAILCHIMP,), classes={"mailchimp": UNDECIDED}),
         labels=(Label("mcsv.net", "unauthorised", until_ago=20),))
scenario("label_of_another_domain", "An answer given for one domain does not speak for another.",
         World((Domain(D, (office(), mailchimp())),
                Domain("example.net", (office(domain="example.net", ip="192.0.2.1"), mailchimp(truth=SPOOF)))),
               REPORTERS),
         {D: Expect(frozenset({"NEEDS_DECISION"}), blocked_by=(MAILCHIMP,), classes={"mailchimp": UNDECIDED}),
          "example.net": Expect(frozenset({"READY"}), "quarantine", classes={"mailchimp": {"unauthorised"}})},
         labels=(Label("mcsv.net", "unauthorised", domain="example.net"),))
scenario("unauthenticated_domain", "A domain all of whose mail is unauthenticated must not look parked.",
         world(Stream("office", UNAUTH, Hosts(("192.0.2.10", "192.0.2.11")), Cadence(90, True),
                      (Auth((), (D, "none")),)),
               bots(spf="none")),
         expect("NEEDS_DECISION", "NOT_READY", blocked_by=(Who("192.0.2.0/24"),), classes={"office": UNDECIDED}))
scenario("flood_over_small_stream",
         "A flood of spoofing must not dilute the small stream that may be the owner's: 10 % of own mail.",
         world(office(), bots(15000, 50, start_ago=40),
               Stream("plant", UNAUTH, Hosts(("198.19.60.5",)), Cadence(25, True), (Auth((), (D, "softfail")),))),
         expect("NEEDS_DECISION", blocked_by=(Who("198.19.60.0/24"),), classes={"plant": UNDECIDED, "bots": SUSPICIOUS},
                own_pass_rate=(0.99, 1), raw_pass_rate=(0, 0.1)))

# --- forwarders and lists --------------------------------------------------------------------------------------------
scenario("forwarders_plain", "Forwarded mail whose signature survives passes; it is no source of the owner's.",
         world(office(), ses(), bots(), alumni(10), alumni(6, "198.19.101.9", "club"),
               alumni(3, "198.19.102.9", "school")),
         ready(classes={**HONEST, "alumni": FORWARDED, "club": FORWARDED, "school": FORWARDED}))
scenario("forwarders_that_break_some",
         "A forwarder that breaks one message in twenty costs a few recipients and warns.",
         world(office(), ses(), bots(), alumni(12, breaks=0.05)),
         ready(classes={**HONEST, "alumni": FORWARDED}, share=0.9))
scenario("forwarders_srs",
         "SRS makes the forwarder's own SPF pass; several of the owner's selectors, small, show what it is.",
         world(office(), ses(), sendgrid(), bots(),
               Stream("srs", FORWARDER, Hosts(("203.0.113.60",)), Cadence(8, True),
                      tuple(Auth(signed(f"{D}/{s}"), ("srs.example.org", "pass")) for s in ("s1", "ses1", "sg1")))),
         ready(classes={**HONEST, "srs": FORWARDED}))
scenario("list_breaks_signatures",
         "Several own selectors fail where a foreign identity passes, at 0.5 % of own mail: a list, a warning.",
         world(office(), ses(), sendgrid(), bots(), mailing_list(2.6)), ready(classes={**HONEST, "list": MODIFIED}))
scenario("list_with_one_selector", "One selector failing at 4 % of own mail may be a list or a broken sender: ask.",
         world(office(), ses(), bots(), mailing_list(18, selectors=("s1",))),
         expect("NEEDS_DECISION", blocked_by=(Who("203.0.113.0/24", r"lists\.example\.org"),),
                classes={"list": UNDECIDED}))
scenario("list_named_by_the_receiver", "The receiver itself says mailing_list: positive evidence.",
         world(office(), ses(), sendgrid(), bots(), mailing_list(2.6, reason="mailing_list")),
         ready(classes={"list": MODIFIED}))
scenario("arc_local_policy", "A receiver that trusts the ARC chain says so; one such word tells what the source is.",
         world(office(), ses(), sendgrid(), bots(), mailing_list(3, sealed=True)), ready(classes={"list": MODIFIED}))
scenario("lists_before_reject",
         "At 4 % of own mail lost through lists the owner must say whether his users post to lists.",
         world(office(), ses(), sendgrid(), bots(),
               *(mailing_list(5, f"list_{n}", f"198.19.11{n}.20", f"list{n}.example.org")
                                                      for n in range(4)), policies=at("quarantine")),
         expect("NEEDS_DECISION", classes={f"list_{n}": MODIFIED | UNDECIDED for n in range(4)}))

# --- spoofing --------------------------------------------------------------------------------------------------------
scenario("botnet",
         "Spoofing at three times the own mail from hosts that nobody meets twice is what enforcement is for.",
         world(office(), ses(), alumni(), bots(1000, 60)),
         ready(classes={**HONEST, "bots": SUSPICIOUS}, own_pass_rate=(0.99, 1), raw_pass_rate=(0.1, 0.5)))
scenario("network_burst", "Two days of one network are a burst and no stream of the owner's.",
         world(*usual(), Stream("burst", SPOOF, Pool(("203.0.113.",), 20), Cadence(900, runs_ago=(16, 15)),
                                (Auth((), (D, "softfail")),))),
         ready(classes={**HONEST, "burst": SUSPICIOUS}))
scenario("network_daily",
         "One network every day of the week for weeks: bulletproof hosting or a cron job, data alone cannot say.",
         world(*usual(), Stream("hosting", SPOOF, Pool(("203.0.113.",), 3), Cadence(30), (Auth((), (D, "softfail")),))),
         expect("READY", "NEEDS_DECISION", next_policy="quarantine", classes={**HONEST, "hosting": NOT_OURS}))
scenario("same_service_small",
         "Another customer's abuse at the shared service carries nothing of the owner's: a stream of its own.",
         world(*usual(), Stream("abuse", SPOOF, SES_HOSTS, Cadence(1.2),
                                (Auth(signed("amazonses.com/shared"), ("amazonses.com", "pass")),))),
         ready(classes={**HONEST, "abuse": NOT_OURS}))
scenario("same_service_large",
         "At 5 % of own mail it looks like the owner's own mail set up wrongly: ask, and never call it own.",
         world(*usual(), Stream("abuse", SPOOF, SES_HOSTS, Cadence(16),
                                (Auth(signed("amazonses.com/shared"), ("amazonses.com", "pass")),))),
         expect("NEEDS_DECISION", blocked_by=(SES,), classes={**HONEST, "abuse": UNDECIDED}))
scenario("forged_signatures", "Bots that paste the owner's signature into their mail are no home of his selector.",
         world(*usual(), bots(60, 30, name="forgers", auth=(Auth(((D, "s1", "fail"),), (D, "softfail")),))),
         ready(classes={**HONEST, "forgers": NOT_OURS},
               never={"forgers": NEVER[SPOOF] | {"forwarder", "forwarder_modified"}}))
scenario("forged_signature_one_host",
         "One selector failing at one host with a name of its own: never the owner's, perhaps a question.",
         world(*usual(), Stream("forger", SPOOF, Hosts(("203.0.113.99",)), Cadence(12),
                                (Auth(((D, "s1", "fail"), ("bulk.example.org", "b1", "pass")),
                                      ("bulk.example.org", "pass")),))),
         expect("READY", "NEEDS_DECISION", next_policy="quarantine", classes={**HONEST, "forger": NOT_OURS},
                never={"forger": NEVER[SPOOF] | {"forwarder", "forwarder_modified"}}))
scenario("replayed_signatures",
         "Replayed mail passes from hosts that are no home: it must not become own, and enforcement loses none of it.",
         world(*usual(), bots(60, 30, name="replay", auth=(Auth(signed(f"{D}/s1"), (D, "softfail")),))),
         ready(classes={**HONEST, "replay": FORWARDED | NOT_OURS}))
scenario("invented_subdomains", "Spoofs of subdomains that never were are no streams of the owner's.",
         world(*usual(), Stream("invented", SPOOF, Pool(("203.0.113.", "198.19.90."), 6), Cadence(60),
                                (Auth((), (D, "none")),), invented=True)),
         ready(classes={**HONEST, "invented": NOT_OURS}))
scenario("spoofer_with_own_name", "Who signs day after day has a key, and is asked about once, wherever he sends from.",
         world(*usual(), bots(80, 20, name="bulk",
                              auth=(Auth(signed("bulk.example.org/b1"), ("bulk.example.org", "pass")),))),
         expect("NEEDS_DECISION", classes={**HONEST, "bulk": UNDECIDED}))

# --- habits ----------------------------------------------------------------------------------------------------------
STRANGER = Hosts(("198.19.60.5",))
FORGOTTEN = (Auth((), (D, "softfail")),)


def stranger(cadence, sources=STRANGER, auth=FORGOTTEN, **rest):
    """The owner's, with nothing of the owner's on it."""
    return Stream("stranger", UNAUTH, sources, cadence, auth, **rest)


def asked(name, reason, *streams, **rest):
    scenario(name, reason, world(*usual(), *streams, **rest),
             expect("NEEDS_DECISION", classes={"stranger": UNDECIDED, "bots": SUSPICIOUS}, max_blockers=1))


ESP_AUTH = (Auth(signed("esp.example.net/k1"), ("b.esp.example.net", "pass")),)
asked("server_every_day", "A server under the owner's envelope that is there at weekends too is a question.",
      stranger(Cadence(12)))
asked("newsletter_on_sundays", "Once a week is a habit: four runs a month come to 3 % of own mail.",
      stranger(Cadence(90, every=7, last_ago=1)))
asked("invoices_of_the_month", "Two runs a month apart are a habit.", stranger(Cadence(300, every=30, last_ago=12)), days=100)
asked("new_address_each_day", "A host of one /64 changes its address and remains one host.",
      stranger(Cadence(10), Pool(("2001:db8:77:1::",), 1)))
asked("new_ipv4_address_each_day", "One host a day out of one /24 for two months is one sender.",
      stranger(Cadence(10), Pool(("198.19.61.",), 1)))
asked("pool_without_spf", "SPF that finds no record says nothing of a sender: a rotating /24 may be the owner's.",
      stranger(Cadence(12), Pool(("198.19.61.",), 3), (Auth((), (D, "none")),)))
asked("service_over_three_networks", "A name that no catalogue knows is one source, and one question.",
      stranger(Cadence(12), Pool(("198.19.61.", "198.19.62.", "198.19.63."), 6), ESP_AUTH))
asked("device_below_the_domain", "A subdomain is not invented because nothing of it authenticates.",
      stranger(Cadence(30), header_from="box." + D))
asked("service_below_the_domain", "A service sends as a subdomain that no other mail uses: p governs it too.",
      stranger(Cadence(30), MAILCHIMP_HOSTS, mailchimp().auth, header_from="news." + D))
asked("habit_in_a_crowd", "Bots that live for up to two weeks hide no server that was there for two months.",
      stranger(Cadence(12)), bots(300, 40, name="crowd", life_days=14))
scenario("new_ticket_system", "Six days old with 15 % of own mail: too new to ask about, and too much to go on.",
         world(*usual(), stranger(Cadence(57, start_ago=6))),
         expect("INSUFFICIENT_DATA", blocked_by=(Who("198.19.60.0/24"),), classes={"stranger": SUSPICIOUS}))
scenario("burst_of_one_host", "Two days of one host that are over are a forger's run.",
         world(*usual(), Stream("burst", SPOOF, STRANGER, Cadence(2000, runs_ago=(9, 8)), FORGOTTEN)),
         ready(classes={"burst": SUSPICIOUS}))
scenario("botnet_with_throwaway_names", "Names that pass and come back by chance, from networks that never do.",
         world(*usual(), bots(600, 60, name="throwaway",
                              auth=tuple(Auth((), (f"w{n}.example.org", "pass")) for n in range(100)))),
         ready(classes={"throwaway": SUSPICIOUS}))
scenario("botnet_with_one_name", "One SPF name over hosts of the whole world: nothing comes back but the name.",
         world(*usual(), bots(300, 40, name="plus_all", auth=(Auth((), ("plus-all.example.org", "pass")),))),
         ready(classes={"plus_all": SUSPICIOUS}))
scenario("bots_that_live_two_weeks", "Dozens of strangers that come and go are a crowd, and none of them a question.",
         world(*usual(), bots(300, 40, name="crowd", life_days=14)),
         expect("READY", next_policy="quarantine", classes={"crowd": SUSPICIOUS}, share=0.9))
scenario("label_of_a_service_in_use",
         "\"SendGrid\" unauthorised strikes the strangers at SendGrid, not the mail that bears the owner's signature.",
         world(office(), sendgrid(), bots(),
               Stream("other_customer", SPOOF, Hosts(("198.19.20.4", "198.19.20.5")), Cadence(20),
                      (Auth(signed("sendgrid.net/smtpapi"), ("sendgrid.net", "pass")),))),
         ready(classes={"sendgrid": OWN_PASSES, "other_customer": {"unauthorised"}}),
         labels=(Label("SendGrid", "unauthorised"),))
scenario("broken_mail_behind_a_wide_label", "A label on the service hides no own mail that breaks there.",
         world(office(), bots(), Stream("sendgrid", OWN, Hosts(("198.19.20.4",)), Cadence(60), (
             Auth(signed(f"{D}/sg1", "sendgrid.net/smtpapi"), ("sendgrid.net", "pass"), breaks=0.3),))),
         expect("NOT_READY", classes={"sendgrid": OWN_PASSES | FAILS_AS_OWN}),
         labels=(Label("SendGrid", "unauthorised"),))

# --- rhythm and volume -----------------------------------------------------------------------------------------------
scenario("low_volume", "Three messages a day fill the bound over 90 days: the window grows, the bar stays.",
         world(replace(office(), cadence=Cadence(3), auth=(Auth(signed(f"{D}/s1"), (D, "pass")),)), bots(1, 1),
               days=120),
         ready(classes={"office": OWN_PASSES}))
scenario("very_low_volume", "Two dozen messages in a hundred days prove nothing about 98 %.",
         world(replace(office(), cadence=Cadence(0.3), auth=(Auth(signed(f"{D}/s1"), (D, "pass")),)), days=100),
         expect("INSUFFICIENT_DATA", never={"office": NEVER[OWN]}))
scenario("weekly_sender", "A domain with one mailing a week is judged in its own rhythm.",
         world(ses(400, every=7, last_ago=3, auth=ses_auth(breaks=0.0005)), days=120),
         ready(classes={"ses": OWN_PASSES}))
scenario("monthly_sender", "A domain with one mailing a month is judged in its own rhythm over half a year.",
         world(ses(700, every=30, last_ago=2, auth=ses_auth(breaks=0.0005)), days=200),
         ready(classes={"ses": OWN_PASSES}))
scenario("weekly_newsletter_beside_office",
         "A weekly newsletter aligned by DKIM beside daily mail is own from its first days on.",
         world(office(), bots(), ses(500, every=7, last_ago=3)), ready(classes=HONEST))
scenario("quarterly_unauthenticated",
         "Invoices of a quarter, unsigned, 50 days ago: not in the window, still the owner's to answer.",
         world(office(), ses(), bots(), mailchimp(320, runs_ago=(141, 140, 51, 50)), days=150),
         expect("NEEDS_DECISION", blocked_by=(MAILCHIMP,), classes={"mailchimp": UNDECIDED}, dormant=("mailchimp",)))
scenario("quarterly_aligned", "A quarterly sender that passed on its last runs is remembered and holds nobody back.",
         world(office(), ses(), bots(), days=150, *(
             Stream("invoices", OWN, Hosts(("198.19.45.3",)), Cadence(320, runs_ago=(141, 140, 51, 50)),
                    (Auth(signed(f"{D}/inv1"), (f"bounce.{D}", "pass")),)),)),
         ready(classes={**HONEST, "invoices": OWN_PASSES}, dormant=("invoices",)))

# --- parked ----------------------------------------------------------------------------------------------------------
scenario("parked_hard_fail", "No own mail, and -all has answered whether anything sends: reject.",
         world(bots(40, 15, spf="fail")), ready("reject", classes={"bots": SUSPICIOUS}))
scenario("parked_soft_fail", "No own mail, but no -all either: one question, not a hundred.",
         world(bots(40, 15, spf="softfail")), expect("NEEDS_DECISION", max_blockers=1))
scenario("parked_at_reject", "A parked domain at reject is where it should be.",
         world(bots(40, 15, spf="fail"), policies=at("reject")), expect("AT_TARGET"))

# --- policy in force -------------------------------------------------------------------------------------------------
scenario("quarantine_ready", "60 clean days at quarantine, aligned DKIM everywhere: reject.",
         world(*usual(), policies=at("quarantine")), ready("reject", classes=HONEST))
scenario("quarantine_recent", "10 days at quarantine are no month, though the data are old enough.",
         world(*usual(), policies=((10**6, Policy()), (10, Policy("quarantine")))),
         expect("INSUFFICIENT_DATA", classes=HONEST))
scenario("quarantine_settled", "45 days after the change, one reporter having lagged for three, the month is over.",
         world(*usual(), policies=((10**6, Policy()), (45, Policy("quarantine"))), days=90,
               of=reporters(campus={"policy_lag_days": 3})), ready("reject", classes=HONEST))
scenario("quarantine_spf_only", "At reject no stream may rest on SPF alone (RFC 9989 8).",
         world(office(), ses(), crm(), bots(), policies=at("quarantine")),
         expect("NOT_READY", blocked_by=(CRM,), not_blocked_by=(SES,), classes={"crm": OWN_PASSES}))
scenario("quarantine_undecided", "1 % of own mail undecided is little for quarantine and too much for reject.",
         world(*usual(), mailchimp(3), policies=at("quarantine")), expect("NEEDS_DECISION", blocked_by=(MAILCHIMP,)))
scenario("quarantine_regression",
         "At quarantine own mail fell five days ago, by a third: that comes before all else but staleness.",
         world(office(), ses(later=((5, (ses_auth("ses2", result="fail"),)),)), alumni(), bots(),
               policies=at("quarantine")),
         expect("REGRESSION", blocked_by=(SES,), classes=LOST_OWN_SES))
scenario("testing_tag", "t=y is not yet in force: the next step is to finish quarantine, not reject.",
         world(*usual(), policies=((10**6, Policy()), (50, Policy("quarantine", testing=True))), days=90,
               of=reporters(bigmail={"schema": "rfc9990"})),
         ready("quarantine", record_has=("p=quarantine",), record_lacks=("t=y", "p=reject"), classes=HONEST))
scenario("percentage", "pct=25 is not yet in force: the next step is to finish quarantine.",
         world(*usual(), policies=at("quarantine", pct=25)),
         ready("quarantine", record_has=("p=quarantine",), record_lacks=("pct=25", "p=reject"), classes=HONEST))
scenario("reject_fine", "At reject with clean own mail nothing is left to do.",
         world(*usual(), policies=at("reject")), expect("AT_TARGET", classes=HONEST))
scenario("reject_loses_mail",
         "At reject for ever, losing 15 % of a branch's mail for ever: nothing fell, and it is not fine.",
         world(office(), ses(), bots(), policies=at("reject"), *(
             Stream("branch", OWN, Hosts(("198.19.80.7",)), Cadence(90, True),
                    (Auth(signed(f"{D}/b1"), (D, "softfail"), breaks=0.15),)),)),
         expect("NOT_READY", blocked_by=(Who("198.19.80.0/24"),), classes={"branch": {"own", "own_broken"}}))
scenario("reject_fell", "At reject a rotated key has been rejecting a service's mail for five days.",
         world(office(), ses(later=((5, (ses_auth("ses2", result="fail"),)),)), bots(), policies=at("reject")),
         expect("REGRESSION", blocked_by=(SES,), classes=LOST_OWN_SES))
scenario("reject_undecided", "At reject a service at 6 % of own mail is rejected each day and may be the owner's.",
         world(*usual(), mailchimp(), policies=at("reject")), expect("NEEDS_DECISION", blocked_by=(MAILCHIMP,)))
scenario("subdomains_left_behind",
         "At reject with sp=none the organizational domain is done; a step for sp may be offered.",
         world(office(), ses(), bots(), policies=at("reject", sp="none"), *(
             Stream("news", OWN, Hosts(("198.19.40.30",)), Cadence(50),
                    (Auth(signed(f"news.{D}/n1"), ("crm.example.net", "pass"), breaks=0.001),),
                    header_from=f"news.{D}"),)),
         expect("AT_TARGET", "READY", record_lacks=("p=none",), classes={**HONEST, "news": OWN_PASSES}))

# --- lists that take a large part ------------------------------------------------------------------------------------
def breaking_lists(rate):
    """Known lists that add a footer: the reporters say that it is a mailing list."""
    return mailing_list(rate, reason="mailing_list")


scenario("lists_take_a_sixth", "A sixth of own mail lost through lists is for the owner to say, before quarantine too.",
         world(office(), ses(), breaking_lists(75), bots()),
         expect("NEEDS_DECISION", blocked_by=(Who("203.0.113.0/24", r"lists\.example\.org"),)))
scenario("lists_take_a_twentieth", "A twentieth warns on the way to quarantine.",
         world(office(), ses(), breaking_lists(16), bots()), ready(classes=HONEST))

# --- reporters -------------------------------------------------------------------------------------------------------
scenario("stale", "Twelve days of silence: too old to say.", world(*usual()), expect("STALE"), asked_after=12)
scenario("five_days_old", "Five days of silence warn and do not block.", world(*usual()), ready(classes=HONEST),
         asked_after=5)
scenario("main_reporter_silent",
         "The reporter of four fifths of the mail fell silent 16 days ago; the small ones cannot speak for it.",
         world(*usual(), of=reporters(bigmail={"share": 2.5, "stops_ago": 16})), expect("STALE"))
scenario("small_reporter_silent", "A reporter of 8 % that fell silent changes little.",
         world(*usual(), of=reporters(campus={"stops_ago": 25})), ready(classes=HONEST))
scenario("empty_reports",
         "Reporters that never told of a message are no witnesses: one is left.",
         world(*usual(), of=(replace(REPORTERS[0], share=1), *(Reporter(f"empty-{chr(97 + n)}.example.net", 0, empty=True)
                                                               for n in range(3)))),
         expect("INSUFFICIENT_DATA"))
scenario("empty_reports_do_not_refresh",
         "The largest reporter went on with empty reports when its mail stopped 16 days ago: nothing is fresh.",
         world(*usual(), of=reporters(bigmail={"share": 2.5, "stops_ago": 16, "empty": True})), expect("STALE"))
scenario("days_of_other_zones", "Reporters whose days begin at other hours see the same days, not more of them.",
         world(*usual(), of=reporters(bigmail={"offset_hours": -10}, webmail={"offset_hours": 7})), ready(classes=HONEST))
scenario("two_reporters", "Where never more than two have reported, two suffice, with a warning.",
         world(*usual(), of=REPORTERS[:2]), ready(classes=HONEST))
scenario("one_reporter", "One reporter sees one receiver's mail.", world(*usual(), of=REPORTERS[:1]),
         expect("INSUFFICIENT_DATA"))
scenario("weekly_reporter", "A reporter that reports by the week is late, not silent.",
         world(*usual(), of=reporters(corporate={"period_days": 7})), ready(classes=HONEST))
scenario("no_selectors", "Reporters of a third of the mail give no selectors; the mail is own all the same.",
         world(*usual(), of=reporters(webmail={"gives_selectors": False}, campus={"gives_selectors": False})),
         ready(classes=HONEST))
scenario("generous_reporter", "A pass that the reporter's own results contradict is no evidence of own mail.",
         world(*usual(), Stream("bulk", SPOOF, Hosts(("203.0.113.99",)), Cadence(1),
                                (Auth(signed("bulk.example.org/b1"), ("bulk.example.org", "pass")),)),
               of=reporters(webmail={"judges": "generously"})),
         ready(classes={**HONEST, "bulk": NOT_OURS}))
scenario("temperrors_at_one_reporter",
         "A receiver whose DNS does not answer for 4 % of its mail tells nothing of the sender: neither pass nor fail.",
         world(office(), ses(), bots(), policies=at("quarantine"), of=reporters(bigmail={"temperror": 0.04})),
         ready("reject", classes={"office": {"own", "own_broken"}, "ses": {"own", "own_broken"}}))
scenario("temperrors_beside_a_broken_key", "Temperrors at one receiver hide no key that fails at all of them.",
         world(office(), ses(later=((9, (ses_auth("ses2", result="fail"),)),)), bots(), policies=at("quarantine"),
               of=reporters(bigmail={"temperror": 0.04})),
         expect("NOT_READY", "REGRESSION", blocked_by=(SES,)))
scenario("harsh_reporter_of_eight_percent",
         "A reporter that fails everything against its own results is no broken key, but what it would reject is lost.",
         world(office(), ses(), bots(), policies=at("quarantine"), of=reporters(campus={"judges": "harshly"})),
         expect("NEEDS_DECISION", max_blockers=0, says=("campus.example.org",)))
scenario("harsh_reporter",
         "A reporter of 0.6 % that calls everything a failure does not make the owner's servers foreign.",
         world(*usual(), of=reporters(campus={"judges": "harshly", "share": 0.006})), ready(classes=HONEST))
scenario("clock_ahead", "A reporter whose clock is a month ahead must not move the window into the future.",
         world(*usual(), of=reporters(campus={"clock_days": 30})), ready(classes=HONEST), today=True)
scenario("clock_behind", "A reporter whose clock is 50 days behind adds old mail and no staleness.",
         world(*usual(), of=reporters(campus={"clock_days": -50})), ready(classes=HONEST))

# --- several domains, and the past -----------------------------------------------------------------------------------
scenario("two_domains", "The neighbour in the same database loses mail; that is the neighbour's verdict alone.",
         World((Domain(D, usual()),
                Domain("example.net", (office(domain="example.net", ip="192.0.2.1"),
                                       ses(auth=ses_auth("ses1", "example.net"),
                                           later=((12, (ses_auth("ses2", "example.net", result="fail"),)),))))),
                                           REPORTERS),
         {D: Expect(frozenset({"READY"}), "quarantine", classes=HONEST),
          "example.net": Expect(frozenset({"NOT_READY"}), blocked_by=(SES,), classes=LOST_OWN_SES)})
scenario("as_of_before_the_break", "Asked as of a day before the key broke, the answer is that day's.",
         world(office(), ses(later=((12, (ses_auth("ses2", result="fail"),)),)), alumni(), bots(), days=75), ready(),
         asked_after=-15)
