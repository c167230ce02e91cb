# SPDX-License-Identifier: Apache-2.0
"""Situations that nobody tuned the program to: organizations' mail as it is, and what one would answer their owners.

In the vocabulary of scenarios.py. Every expectation was written down before the situation was first put before the
program, from docs/readiness.md and from what loses mail, and is not bent to what it answers. What is still answered
wrongly is in KNOWN, at the end.
"""
from dataclasses import replace

from scenarios import (CRM, D, FAILS_AS_OWN, FORWARDED, HONEST, LOST_OWN_SES, MAILCHIMP, MODIFIED, NEVER, NOT_OURS,
                       OWN_PASSES, REPORTERS, SES, SES_HOSTS, SUSPICIOUS, UNDECIDED, Label, Scenario, Who, alumni, at,
                       bots, crm, expect, mailchimp, mailing_list, office, ready, reporters, sendgrid, ses, ses_auth,
                       signed, usual, world)
from simulate import (FORWARDER, LIST, OWN, SPOOF, UNAUTH, Auth, Botnet, Cadence, Hosts, Policy, Pool, Stream)

SITUATIONS = []
NOTHING_OWN = (Auth((), (D, "softfail")),)
OWN_OR_BROKEN = {"own", "own_broken"}
# Who must not go ahead, whatever word says so.
HOLD = ("NEEDS_DECISION", "NOT_READY", "INSUFFICIENT_DATA")
ASK, ASK_OR_WAIT = ("NEEDS_DECISION",), ("NEEDS_DECISION", "INSUFFICIENT_DATA")
MUST_MEND, FELL = ("NOT_READY",), ("REGRESSION", "NOT_READY")


def situation(name, reason, of_world, expected, **rest):
    SITUATIONS.append(Scenario(name, reason, of_world, expected, **rest))


def unauthenticated(name, sources, rate, auth=NOTHING_OWN, truth=UNAUTH, header_from=None, **cadence):
    """The owner's mail with nothing of the owner's on it."""
    sources = Hosts((sources,)) if isinstance(sources, str) else sources
    return Stream(name, truth, sources, Cadence(rate, **cadence), auth, header_from=header_from)


def in_its_own_name(domain, bounce=None):
    """A service that signs, and passes SPF, as itself alone."""
    return (Auth(signed(f"{domain}/k1"), (bounce or f"bounce.{domain}", "pass")),)


def held(stream, who, verdicts=ASK, **rest):
    """A question about that stream, which must not be called a stranger's."""
    return expect(*verdicts, blocked_by=(who,), classes={stream: UNDECIDED}, **rest)


# --- whose mail: subdomains ------------------------------------------------------------------------------------------
HUBSPOT = Who("198.19.41.0/24", "(?i)hubspot")
hubspot = unauthenticated("hubspot", Hosts(("198.19.41.7", "198.19.41.8")), 250, in_its_own_name("hubspotemail.net"),
                          header_from=f"go.{D}", weekdays=(1, 3))
situation("hubspot_as_a_subdomain",
          "Without sp the subdomain falls under p: a fifth of all mail is quarantined, unless sp=none goes with it.",
          world(*usual(), hubspot),
          expect("NEEDS_DECISION", "READY", record_has=("sp=none",), blocked_by=(HUBSPOT,),
                 never={"hubspot": NEVER[UNAUTH] | {"suspicious"}}))
situation("alarm_box_as_a_subdomain",
          "An alarm box sends as alarm.example.com each day, unsigned: it exists, so p governs it.",
          world(*usual(), unauthenticated("box", "198.19.62.9", 18, (Auth((), (f"alarm.{D}", "none")),),
                                          header_from=f"alarm.{D}")),
          expect("NEEDS_DECISION", "READY", record_has=("sp=none",), blocked_by=(Who("198.19.62.0/24"),),
                 never={"box": NEVER[UNAUTH] | {"suspicious"}}))
situation("marketplace_as_a_subdomain",
          "A merchants' platform that no catalogue knows confirms orders as the shop's subdomain.",
          world(*usual(), unauthenticated("market", Hosts(("198.19.63.4", "198.19.63.5")), 45,
                                          in_its_own_name("market.example.net"), header_from=f"orders.{D}")),
          expect("NEEDS_DECISION", "READY", record_has=("sp=none",),
                 blocked_by=(Who("198.19.63.0/24", r"market\.example\.net"),),
                 never={"market": NEVER[UNAUTH] | {"suspicious"}}))
situation("monthly_newsletter_as_a_subdomain",
          "Four months of a newsletter on the fifth, as a subdomain, in the service's name alone.",
          world(*usual(), replace(mailchimp(500, month_days=(5,)), header_from=f"news.{D}"), days=130),
          expect("NEEDS_DECISION", "READY", record_has=("sp=none",), blocked_by=(MAILCHIMP,),
                 never={"mailchimp": NEVER[UNAUTH] | {"suspicious"}}))
situation("sp_none_shields_a_subdomain",
          "With sp=none published the subdomain's mail is safe, and the domain itself is clean.",
          world(*usual(), hubspot, policies=at("quarantine", sp="none")),
          ready("reject", classes=HONEST, record_has=("sp=none",)))
situation("pupils_under_a_broken_key",
          "The pupils' subdomain signs with a key that was never right, from where the teachers' mail passes.",
          world(Stream("staff", OWN, Hosts(("198.19.51.4", "198.19.51.5")), Cadence(260, True),
                       (Auth(signed(f"{D}/google"), (D, "pass"), breaks=0.001),)),
                Stream("pupils", OWN, Hosts(("198.19.51.4", "198.19.51.5")), Cadence(60, True),
                       (Auth(((f"pupils.{D}", "google", "fail"),), (f"pupils.{D}", "softfail")),),
                       header_from=f"pupils.{D}"), bots()),
          expect("NOT_READY", "NEEDS_DECISION", "READY", record_has=("sp=none",), blocked_by=(Who("198.19.51.0/24"),),
                 classes={"staff": OWN_PASSES, "pupils": FAILS_AS_OWN | UNDECIDED}))
situation("a_clean_subdomain_hides_nothing",
          "Under sp=quarantine the shop is clean; under p the domain's own servers lose 5 %.",
          world(Stream("hosted", OWN, Hosts(("192.0.2.30", "192.0.2.31")), Cadence(120, True),
                       (Auth(signed(f"{D}/s1"), ("host.example.net", "pass"), breaks=0.05),)),
                Stream("shop", OWN, SES_HOSTS, Cadence(600),
                       (Auth(signed(f"shop.{D}/ses1"), (f"bounce.shop.{D}", "pass")),), header_from=f"shop.{D}"),
                bots(), policies=at("none", sp="quarantine")),
          expect("NOT_READY", blocked_by=(Who("192.0.2.0/24", r"host\.example\.net"),), not_blocked_by=(SES,),
                 classes={"hosted": OWN_OR_BROKEN, "shop": OWN_PASSES}))
situation("invented_names_from_everywhere",
          "Bots make up pay17 and hr203 below the domain, by the thousand: nobody's, not a question.",
          world(*usual(), replace(bots(400, 60, spf="none", name="invented"), invented=True)),
          ready(classes={**HONEST, "invented": SUSPICIOUS}))
situation("np_reject_in_place", "np=reject stands against invented names already; the rest is clean and moves on.",
          world(*usual(), replace(bots(90, 30, spf="none", name="invented"), invented=True),
                policies=at("quarantine", np="reject"), of=reporters(bigmail={"schema": "rfc9990"})),
          ready("reject", classes={**HONEST, "invented": SUSPICIOUS}))

# --- whose mail: habits ----------------------------------------------------------------------------------------------
situation("hospital_server",
          "A laboratory's server sends findings every day, weekends too: that is a habit, not a bot.",
          world(*usual(), unauthenticated("laboratory", "198.19.60.5", 12)), held("laboratory", Who("198.19.60.0/24")))
situation("gulf_office", "An office that rests on Friday and Saturday keeps working weeks all the same.",
          world(*usual(), unauthenticated("gulf", "198.19.60.5", 25, working=True, weekend=(4, 5))),
          held("gulf", Who("198.19.60.0/24")))
situation("gulf_company", "A company whose own servers rest on Friday and Saturday has nothing wrong with it.",
          world(office(weekend=(4, 5)), ses(), alumni(), bots()), ready(classes=HONEST))
situation("sunday_newsletter",
          "A parish writes on Sundays through a service that no catalogue knows: nine Sundays in a row.",
          world(*usual(), unauthenticated("parish", "198.19.64.5", 150, in_its_own_name("letters.example.org"),
                                          weekdays=(6,))),
          held("parish", Who("198.19.64.0/24", r"letters\.example\.org")))
situation("invoices_on_the_first",
          "Four invoice runs on the first of the month from the same address: the fifth will come.",
          world(*usual(), unauthenticated("invoices", "198.19.65.8", 300, month_days=(1,)), days=95),
          held("invoices", Who("198.19.65.0/24")))
situation("payroll_on_the_25th", "Payslips go out on the 25th and 26th; no signature, no SPF, every month.",
          world(*usual(), unauthenticated("payroll", "198.19.65.9", 130, month_days=(25, 26)), days=125),
          held("payroll", Who("198.19.65.0/24")))
situation("alarm_box_with_privacy_addresses",
          "A new address of the same /64 each day is one box, and its alarms are the owner's.",
          world(*usual(), unauthenticated("box", Pool(("2001:db8:77:1::",), 1), 15)),
          held("box", Who("2001:db8:77:1::/64")))
situation("relay_with_a_new_prefix_each_day",
          "A relay at a line with a dynamic prefix: each day another /64 of one provider's /48, twenty messages, "
          "for months.",
          world(*usual(), unauthenticated("relay", Pool(tuple(f"2001:db8:78:{n:x}::" for n in range(256)), 1), 20)),
          expect(*ASK_OR_WAIT, never={"relay": NEVER[UNAUTH]}))
situation("relay_with_a_new_ipv4_each_day", "The same at a line with dynamic IPv4: three networks in turn, every day.",
          world(*usual(), unauthenticated("relay", Pool(("198.19.66.", "198.19.67.", "198.19.68."), 1), 20)),
          expect(*ASK, blocked_by=(Who("198.19.64.0/20"),), classes={"relay": UNDECIDED}))
situation("tickets_since_six_days", "A ticket system six days old already sends an eighth of all mail: ask, or wait.",
          world(*usual(), unauthenticated("tickets", Hosts(("198.19.69.4", "198.19.69.5")), 300,
                                          in_its_own_name("tickets.example.org"), working=True, start_ago=6)),
          expect(*ASK_OR_WAIT, never={"tickets": NEVER[UNAUTH]}))
situation("plain_server_since_ten_days",
          "A stranger of ten days at 3 % of own mail, without a name: too early to call it nobody's.",
          world(*usual(), unauthenticated("server", "198.19.69.9", 28, start_ago=10)),
          expect(*ASK_OR_WAIT, never={"server": NEVER[UNAUTH]}))
situation("quarterly_newsletter_twice",
          "Two runs a quarter apart in the same unknown service's name, each 4 % of a month's mail.",
          world(*usual(), unauthenticated("quarterly", "198.19.64.6", 400, in_its_own_name("quarter.example.org"),
                                          runs_ago=(96, 5)), days=130),
          held("quarterly", Who("198.19.64.0/24", r"quarter\.example\.org")))
situation("first_run_of_an_unknown_service",
          "Its first run was five days ago, with 5 % of own mail: nobody can know yet, so wait or ask.",
          world(*usual(), unauthenticated("first", "198.19.64.6", 240, in_its_own_name("quarter.example.org"),
                                          runs_ago=(6, 5)), days=130),
          expect(*ASK_OR_WAIT, never={"first": NEVER[UNAUTH]}))
situation("weekend_backups", "Backups report on Saturdays and Sundays only, every weekend, from one address.",
          world(*usual(), unauthenticated("backup", "198.19.60.7", 60, weekdays=(5, 6))),
          held("backup", Who("198.19.60.0/24")))
situation("scanners_of_a_municipality",
          "Fifteen branch scanners, each on its own line and none above 0.5 % of own mail: together 7 %.",
          world(*usual(), unauthenticated("scanners", Hosts(tuple(f"198.19.{130 + n}.9" for n in range(15))), 30,
                                          working=True)),
          expect(*ASK, blocked_by=(Who("198.19.128.0/17"),), classes={"scanners": UNDECIDED}))
situation("shops_with_tills",
          "Forty shops' tills, each heard from every other day for two months: bots do not come back like that.",
          world(*usual(), unauthenticated("tills", Hosts(tuple(f"198.19.{130 + n}.21" for n in range(40))), 28,
                                          working=True)),
          expect(*ASK, blocked_by=(Who("198.19.128.0/17"),), classes={"tills": UNDECIDED}, share=0.9))
situation("web_form_on_a_shared_host",
          "The web site's form sends from the hoster's machine, five mails on every day of the week.",
          world(*usual(), unauthenticated("form", "198.19.72.80", 5, (Auth((), ("host.example.net", "pass")),))),
          held("form", Who("198.19.72.0/24", r"host\.example\.net")))
situation("school_with_holidays", "Two and a half weeks of holidays take half of the days away and none of the habit.",
          world(*usual(), unauthenticated("before", "198.19.60.9", 16, working=True, stop_ago=40),
                unauthenticated("after", "198.19.60.9", 16, working=True, start_ago=22)),
          expect(*ASK, blocked_by=(Who("198.19.60.0/24"),), classes={"before": UNDECIDED, "after": UNDECIDED}))
situation("job_of_every_third_day", "A batch job sends every third day, 0.4 % of own mail at a time: 4 % a month.",
          world(*usual(), unauthenticated("job", "198.19.60.11", 40, every=3, last_ago=2)),
          held("job", Who("198.19.60.0/24")))
situation("dues_every_fortnight", "Every fourteen days 0.8 % of own mail, each run small, for four months.",
          world(*usual(), unauthenticated("dues", "198.19.60.12", 75, every=14, last_ago=4), days=120),
          held("dues", Who("198.19.60.0/24")))
situation("staff_who_send_as_through_freemail",
          "Staff write as the domain from their free mailboxes ('send as'): signed by the freemailer alone, 3 % of "
          "own mail.",
          world(*usual(), unauthenticated("send_as", Pool(("198.19.55.", "198.19.56."), 4), 14,
                                          in_its_own_name("gmail.com", "gmail.com"), working=True)),
          expect(*ASK, blocked_by=(Who("198.19.48.0/20", "(?i)google|gmail"),), classes={"send_as": UNDECIDED}))
situation("one_run_half_a_year_ago", "A stranger's single day 170 days ago is no habit and no dormant sender.",
          world(*usual(), unauthenticated("once", Pool(("203.0.113.",), 20), 500, truth=SPOOF, runs_ago=(170,)),
                days=180),
          ready(classes={**HONEST, "once": SUSPICIOUS}))
situation("campaign_three_weeks_ago", "Three days of one rented network three weeks ago were spoofing, and are over.",
          world(*usual(), unauthenticated("burst", Pool(("203.0.113.",), 30), 700, truth=SPOOF, runs_ago=(24, 23, 22))),
          ready(classes={**HONEST, "burst": SUSPICIOUS}))

# --- whose mail: botnets are one thing -------------------------------------------------------------------------------
situation("botnet_with_throwaway_envelopes",
          "Four hundred throw-away envelopes come back by chance; still nobody meets a host twice.",
          world(*usual(), bots(60, 25, name="throwaway",
                               auth=tuple(Auth((), (f"parcel{n}.example", "pass")) for n in range(400)))),
          ready(classes={**HONEST, "throwaway": SUSPICIOUS}, share=0.9))
situation("botnet_with_two_signing_domains",
          "Two spammers who sign as themselves, from everywhere: at most one line each.",
          world(*usual(), *(bots(60, 20, name=f"spammer_{n}", auth=in_its_own_name(f"offers{n}.example"))
                            for n in range(2))),
          expect("READY", "NEEDS_DECISION", next_policy="quarantine", max_blockers=2,
                 classes={**HONEST, "spammer_0": NOT_OURS, "spammer_1": NOT_OURS}))
situation("botnet_with_one_envelope",
          "One envelope domain that passes SPF from hundreds of networks is one line, not hundreds.",
          world(*usual(), bots(80, 25, name="envelope", auth=(Auth((), ("cheap.example", "pass")),))),
          expect("READY", "NEEDS_DECISION", next_policy="quarantine", max_blockers=1,
                 classes={**HONEST, "envelope": NOT_OURS}))
situation("campaigns_of_five_days",
          "Each campaign signs with a domain of its own for five days and is gone; the last ended three weeks ago.",
          world(*usual(), *(bots(120, 15, name=f"campaign_{n}", auth=in_its_own_name(f"win{n}.example"),
                                 start_ago=60 - 12 * n, stop_ago=55 - 12 * n) for n in range(4))),
          ready(classes={**HONEST, **{f"campaign_{n}": SUSPICIOUS for n in range(4)}}))
situation("flood_of_ten_times_own_mail",
          "Ten times the own mail from hosts that live three days: enforcement is made for that.",
          world(office(), ses(), alumni(),
                Stream("flood", SPOOF, Botnet(120, 3), Cadence(3000, start_ago=40), NOTHING_OWN)),
          ready(classes={**HONEST, "flood": SUSPICIOUS}))
situation("flood_of_the_last_four_days", "A flood four days old from everywhere is no new source of the owner's.",
          world(*usual(), Stream("flood", SPOOF, Botnet(150, 1), Cadence(1500, start_ago=4), NOTHING_OWN)),
          ready(classes={**HONEST, "flood": SUSPICIOUS}))
situation("office_computers_in_a_botnet",
          "Infected computers, each alive for up to ten days: one question at most, not a hundred.",
          world(*usual(), Stream("infected", SPOOF, Botnet(30, 10), Cadence(60), NOTHING_OWN)),
          expect("READY", "NEEDS_DECISION", next_policy="quarantine", max_blockers=5,
                 classes={**HONEST, "infected": NOT_OURS}))
situation("snowshoe", "Three rented networks, every address in turn, every day for three weeks: at most three lines.",
          world(*usual(), unauthenticated("snowshoe", Pool(("203.0.113.", "198.19.91.", "198.19.92."), 24), 72,
                                          truth=SPOOF, start_ago=21)),
          expect("READY", "NEEDS_DECISION", next_policy="quarantine", max_blockers=3,
                 classes={**HONEST, "snowshoe": NOT_OURS}))
situation("forgers_with_every_selector",
          "Bots that paste all of the owner's signatures are neither his mail nor a list.",
          world(office(), ses(), sendgrid(), alumni(),
                bots(90, 40, name="forgers", auth=tuple(Auth(((D, s, "fail"),), (D, "softfail"))
                                                        for s in ("s1", "ses1", "sg1"))), policies=at("quarantine")),
          ready("reject", classes={**HONEST, "forgers": NOT_OURS},
                never={"forgers": NEVER[SPOOF] | {"forwarder", "forwarder_modified"}}))
situation("flood_at_reject", "At reject a flood is rejected: nothing is left to do.",
          world(*usual(), Stream("flood", SPOOF, Botnet(80, 2), Cadence(4000), (Auth((), (D, "fail")),)),
                policies=at("reject")),
          expect("AT_TARGET", classes={**HONEST, "flood": SUSPICIOUS}))

# --- labels must not strike own mail ---------------------------------------------------------------------------------
SENDGRID = Who("198.19.20.0/24", "(?i)sendgrid")
sendgrid_by_dkim = Stream("sendgrid", OWN, Hosts(("198.19.20.4", "198.19.20.5")), Cadence(60),
                          (Auth(signed(f"{D}/sg1", "sendgrid.net/smtpapi"), ("sendgrid.net", "pass"), breaks=0.1),))
abuse_of_sendgrid = unauthenticated("abuse", Hosts(("198.19.20.4", "198.19.20.5")), 8,
                                    in_its_own_name("sendgrid.net", "sendgrid.net"), truth=SPOOF)
situation("service_labelled_that_carries_own_mail",
          "The label was meant for strangers at the service; a tenth of the owner's signed mail there still fails.",
          world(office(), sendgrid_by_dkim, abuse_of_sendgrid, bots()),
          expect("NOT_READY", blocked_by=(SENDGRID,), classes={"sendgrid": OWN_OR_BROKEN}),
          labels=(Label("SendGrid", "unauthorised"),))
situation("domain_labelled_that_carries_own_mail", "The same by the domain that signs.",
          world(office(), sendgrid_by_dkim, abuse_of_sendgrid, bots()),
          expect("NOT_READY", blocked_by=(SENDGRID,), classes={"sendgrid": OWN_OR_BROKEN}),
          labels=(Label("sendgrid.net", "unauthorised"),))
situation("network_ignored_that_carries_own_mail",
          "A branch's network was ignored because of its noise; its signed mail fails by a quarter.",
          world(office(), ses(), bots(), Stream("branch", OWN, Hosts(("198.19.80.20",)), Cadence(70, True),
                                                (Auth(signed(f"{D}/s1"), (D, "softfail"), breaks=0.25),)),
                unauthenticated("noise", "198.19.80.21", 6, truth=SPOOF)),
          expect("NOT_READY", blocked_by=(Who("198.19.80.0/24"),), classes={"branch": OWN_OR_BROKEN}),
          labels=(Label("198.19.80.0/24", "ignore"),))
situation("label_leaves_own_return_path_alone",
          "Mail with the owner's return path passes SPF and stays his; only the rest is disowned.",
          world(*usual(), crm(), unauthenticated("abuse", "198.19.40.13", 9, in_its_own_name("crm.example.net"),
                                                 truth=SPOOF)),
          ready(classes={**HONEST, "crm": OWN_PASSES, "abuse": {"unauthorised"}}),
          labels=(Label("crm.example.net", "unauthorised"),))
situation("label_does_its_work",
          "Another customer's mail at the service was disowned; the owner's own goes on as before.",
          world(*usual(), unauthenticated("abuse", SES_HOSTS, 20, in_its_own_name("amazonses.com", "amazonses.com"),
                                          truth=SPOOF)),
          ready(classes={**HONEST, "abuse": {"unauthorised"}}), labels=(Label("Amazon SES", "unauthorised"),))

# --- a repaired sender is repaired -----------------------------------------------------------------------------------
UNALIGNED = in_its_own_name("mcsv.net", "mail5.suw11.mcsv.net")
ALIGNED = (Auth(signed(f"{D}/k2", "mcsv.net/k1"), ("mail5.suw11.mcsv.net", "pass"), breaks=0.001),)


def newsletter(rate, auth, later=(), hosts=("198.19.30.21", "198.19.30.22"), name="newsletter", truth=OWN, **cadence):
    return Stream(name, truth, Hosts(hosts), Cadence(rate, **cadence), auth, later)


situation("mended_long_ago", "Unaligned until a hundred days ago, signed each week since: nothing is left to mend.",
          world(*usual(), newsletter(400, UNALIGNED, ((100, ALIGNED),), every=7, last_ago=4), days=240),
          ready(classes=HONEST))
situation("mended_by_moving_house",
          "The same service signs for the owner since 45 days, from other addresses than before.",
          world(*usual(), newsletter(40, UNALIGNED, name="before", stop_ago=45),
                newsletter(40, ALIGNED, hosts=("198.19.31.21", "198.19.31.22"), name="after", start_ago=45), days=120),
          ready(classes={**HONEST, "after": OWN_PASSES}))
situation("mended_but_for_a_trickle",
          "What was mended two months ago leaves one unsigned message a day: listed, no more.",
          world(*usual(), newsletter(40, UNALIGNED, ((60, ALIGNED),)),
                newsletter(1, UNALIGNED, name="trickle", truth=UNAUTH), days=120),
          ready(classes=HONEST))
situation("half_mended",
          "One account signs since 40 days, another one at the same service does not: 4 % of own mail would go.",
          world(*usual(), newsletter(40, UNALIGNED, ((40, ALIGNED),)),
                newsletter(14, UNALIGNED, name="other_account", truth=UNAUTH), days=100),
          expect("NEEDS_DECISION", "NOT_READY", blocked_by=(MAILCHIMP,),
                 classes={"other_account": UNDECIDED | FAILS_AS_OWN},
                 never={"other_account": {"own", "suspicious", "forwarder", "forwarder_modified"}}))
situation("mended_by_the_return_path_alone", "It passes by SPF alone since then; that is no base for reject.",
          world(*usual(), newsletter(40, UNALIGNED, ((50, (Auth(signed("mcsv.net/k1"), (f"mc.{D}", "pass")),)),)),
                days=100, policies=at("quarantine")),
          expect("NOT_READY", blocked_by=(MAILCHIMP,), not_blocked_by=(SES,)))
situation("broken_again",
          "It signed for months and lost its key twelve days ago: what was mended once is not mended now.",
          world(*usual(), newsletter(40, ALIGNED, ((12, UNALIGNED),)), days=100),
          expect("NOT_READY", "NEEDS_DECISION", blocked_by=(MAILCHIMP,)))
situation("dormant_bulk_behind_a_trickle",
          "The last unsigned bulk was 65 days ago, eight stray messages 40 days ago: the bulk is what will come again.",
          world(*usual(), mailchimp(600, runs_ago=(125, 95, 65)),
                replace(mailchimp(8, runs_ago=(40,)), name="stray"), days=150),
          held("mailchimp", MAILCHIMP))

# --- partners who forward with ARC, parked domains -------------------------------------------------------------------
exchange_online = Stream("exchange", OWN, Pool(("198.19.50.", "198.19.51."), 8), Cadence(260, True),
                         (Auth(signed(f"{D}/selector1"), (D, "pass"), breaks=0.001),))
alumni_of_exchange = replace(alumni(), auth=(Auth(signed(f"{D}/selector1"), (D, "softfail"), 0.75),
                                             Auth(signed(f"{D}/ses1"), ("amazonses.com", "softfail"), 0.25)))


def partner(rate, **rest):
    """A partner's tenant in the same cloud: it changes the mail, seals it, and sends it on under its own envelope."""
    return Stream("partner", LIST, Pool(("198.19.50.", "198.19.51."), 2), Cadence(rate, True),
                  (Auth(((D, "selector1", "fail"),), ("partner.example.org", "pass"), sealed=True),), **rest)


situation("partner_forwards_with_arc",
          "From the very networks where the selector is at home, and yet not the owner's broken mail: the reporter "
          "says arc=pass.",
          world(exchange_online, ses(), alumni_of_exchange, bots(), partner(7)),
          expect("READY", "NEEDS_DECISION", next_policy="quarantine",
                 classes={"exchange": OWN_PASSES, "partner": MODIFIED | UNDECIDED},
                 never={"partner": NEVER[LIST] | {"own_broken"}}))
situation("partner_at_a_receiver_that_trusts_arc",
          "All of it reaches a receiver that lets it through for its seal: nothing is lost.",
          world(exchange_online, ses(), alumni_of_exchange, bots(), partner(16, reporters=("bigmail.example.net",))),
          ready(classes={"exchange": OWN_PASSES, "partner": MODIFIED}, never={"partner": NEVER[LIST] | {"own_broken"}}))
situation("parked_with_envelopes_of_others",
          "Where the envelope is the domain's, -all answers; the other forgers use their own.",
          world(bots(40, 15, spf="fail"), bots(70, 20, name="borrowed", auth=tuple(
              Auth((), (f"parcel{n}.example", "pass")) for n in range(60)))),
          ready("reject", classes={"bots": SUSPICIOUS}))
situation("parked_with_a_steady_host",
          "-all is published, and yet one host sends each day: somebody forgot it, so ask.",
          world(bots(40, 15, spf="fail"), unauthenticated("host", "198.19.60.5", 6, (Auth((), (D, "fail")),))),
          expect(*ASK, blocked_by=(Who("198.19.60.0/24"),), max_blockers=2, classes={"host": UNDECIDED}))
situation("parked_with_a_box_of_many_addresses", "The same as a box with a new address of its /64 each day.",
          world(bots(40, 15, spf="fail"),
                unauthenticated("box", Pool(("2001:db8:77:1::",), 1), 6, (Auth((), (D, "fail")),))),
          expect(*ASK, blocked_by=(Who("2001:db8:77:1::/64"),), max_blockers=2))
situation("parked_with_a_help_desk", "A help desk's service answers as the domain three times a day: not parked, ask.",
          world(bots(40, 15, spf="fail"),
                unauthenticated("desk", "198.19.70.4", 3, in_its_own_name("zendesk.com", "zendesk.com"))),
          expect(*ASK, blocked_by=(Who("198.19.70.0/24", "(?i)zendesk"),)))
situation("parked_says_how_to_answer", "One question, and the command that answers it.",
          world(bots(40, 15, spf="softfail")), expect(*ASK, max_blockers=1, says=("dmarcctl label",)))
situation("nearly_parked", "Two own messages a week among forgeries: own mail, too little to judge, and not parked.",
          world(Stream("desk", OWN, Hosts(("192.0.2.10",)), Cadence(0.3), (Auth(signed(f"{D}/s1"), (D, "pass")),)),
                bots(40, 15, spf="fail"), days=100),
          expect("INSUFFICIENT_DATA", classes={"desk": OWN_PASSES}))
situation("parked_above_a_sending_subdomain",
          "Nothing sends as the domain, its subdomain does and passes: no parked domain, quarantine first.",
          world(replace(ses(300, auth=ses_auth(domain=f"mail.{D}")), header_from=f"mail.{D}"),
                bots(40, 15, spf="fail")),
          ready("quarantine", classes={"ses": OWN_PASSES}))

# --- what the gates see ----------------------------------------------------------------------------------------------
situation("a_hundred_networks_of_one_provider",
          "Mail that leaves through a hundred networks fails once here and once there, 0.2 % in all: no source is "
          "broken.",
          world(Stream("workspace", OWN, Pool(tuple(f"198.19.{n}." for n in range(100, 200)), 12), Cadence(400, True),
                       (Auth(signed(f"{D}/google"), (D, "pass"), 0.85, 0.004),
                        Auth(signed(f"{D}/google"), ("calendar.example.net", "pass"), 0.15, 0.012))), ses(), bots(),
                policies=at("quarantine")),
          ready("reject", classes={"workspace": OWN_PASSES | FAILS_AS_OWN, "ses": OWN_PASSES}))
situation("five_small_systems",
          "Of a month's thirty messages of a small system one may fail; that is no broken sender.",
          world(*usual(), *(Stream(f"system_{n}", OWN, Hosts((f"198.19.{81 + n}.7",)), Cadence(1.4, True),
                                   (Auth(signed(f"{D}/x{n}"), ("host.example.net", "softfail"), breaks=0.008),))
                            for n in range(5)), policies=at("quarantine")),
          ready("reject", classes=HONEST))
situation("broken_relay_spread_thin",
          "An eighth of a relay's mail fails, spread so thin over sixty networks that none shows it.",
          world(*usual(), Stream("relay", OWN, Pool(tuple(f"198.19.{n}." for n in range(140, 200)), 3), Cadence(24),
                                 (Auth(signed(f"{D}/r1", "host.example.net/h1"), ("host.example.net", "pass"),
                                       breaks=0.12),))),
          expect("NOT_READY", blocked_by=(Who("198.19.128.0/17", r"host\.example\.net"),),
                 classes={"relay": OWN_OR_BROKEN}))
situation("signing_lost_while_spf_passes",
          "Six days ago the service stopped signing; SPF hides it, and reject may not rest on that.",
          world(office(), ses(), bots(), replace(sendgrid(), later=((6, (Auth(
              signed("sendgrid.net/smtpapi"), (f"em.{D}", "pass")),)),)), policies=at("quarantine")),
          expect(*FELL, blocked_by=(SENDGRID,), not_blocked_by=(SES,), classes={"sendgrid": OWN_PASSES}))
situation("key_broken_while_spf_passes", "The same by a key that no longer verifies, since five days.",
          world(office(), ses(), bots(), replace(sendgrid(), later=((5, (Auth(
              ((D, "sg2", "fail"), ("sendgrid.net", "smtpapi", "pass")), (f"em.{D}", "pass")),)),)),
              policies=at("quarantine")),
          expect(*FELL, blocked_by=(SENDGRID,), not_blocked_by=(SES,), classes={"sendgrid": OWN_OR_BROKEN}))
situation("signing_lost_at_reject",
          "At reject the own servers stopped signing six days ago: every forwarded message is rejected since.",
          world(replace(office(), later=((6, (Auth((), (D, "pass")),)),)), ses(), bots(), policies=at("reject")),
          expect(*FELL, blocked_by=(Who("192.0.2.0/24"),)))
situation("new_service_tested_long_ago",
          "Four days old; a test of its selector went through a forwarder fifty days ago, which makes it no older.",
          world(office(), ses(), alumni(), bots(),
                Stream("test", FORWARDER, Hosts(("203.0.113.40",)), Cadence(6, runs_ago=(50,)),
                       (Auth(signed(f"{D}/n1"), ("crm.example.net", "softfail")),)),
                Stream("new", OWN, Hosts(("198.19.40.12", "198.19.40.14")), Cadence(80, start_ago=4),
                       (Auth(signed(f"{D}/n1", "crm.example.net/k1"), ("crm.example.net", "pass")),))),
          expect("INSUFFICIENT_DATA", classes={"new": OWN_PASSES}))
situation("days_of_shifted_reporters",
          "Reporters whose days begin at other hours make no fourteenth day out of thirteen.",
          world(*usual(), days=13, of=reporters(bigmail={"offset_hours": -8}, webmail={"offset_hours": 9},
                                                telco={"offset_hours": -2})),
          expect("INSUFFICIENT_DATA", figures={"data_days": (13, 13)}))
situation("reporters_without_mail",
          "Four reporters send their empty reports each day; one receiver has seen all the mail.",
          world(*usual(), of=reporters(corporate={"share": 1.0}, **{n: {"share": 0.0, "empty": True} for n in (
              "bigmail", "webmail", "telco", "campus")})),
          expect("INSUFFICIENT_DATA", figures={"reporters": (1, 1)}))
SUBDOMAIN_SIGNS = Stream("shop", OWN, Hosts(("198.19.40.50",)), Cadence(60, True),
                         (Auth(signed(f"mail.{D}/m1"), (f"bounce.{D}", "pass")),))
situation("strict_dkim_counts_a_return_path", "Under adkim=s the signature does not count, under aspf=r the return path does.",
          world(*usual(), SUBDOMAIN_SIGNS, policies=at("none", adkim="s", aspf="r")),
          ready(record_has=("adkim=s",), record_lacks=("aspf=s",), classes={**HONEST, "shop": OWN_PASSES}))
situation("strict_dkim_leaves_spf_alone", "The same before reject: what passes does so by SPF alone.",
          world(*usual(), SUBDOMAIN_SIGNS, policies=at("quarantine", adkim="s", aspf="r")),
          expect("NOT_READY", blocked_by=(Who("198.19.40.0/24"),), not_blocked_by=(SES,)))
situation("strict_spf_counts_a_signature", "The other way round the signature counts, also for reject.",
          world(*usual(), SUBDOMAIN_SIGNS, policies=at("quarantine", adkim="r", aspf="s")),
          ready("reject", record_has=("aspf=s",), record_lacks=("adkim=s",), classes={**HONEST, "shop": OWN_PASSES}))
situation("strict_spf_fails_a_return_path",
          "aspf=s fails the one service that had nothing but a return path below the domain.",
          world(*usual(), crm(), policies=at("none", aspf="s")), expect("NOT_READY", blocked_by=(CRM,)))
situation("school_of_mailing_lists",
          "One message in eight goes through lists: its owner must say whether they may break.",
          world(office(), ses(), sendgrid(), bots(), *(
              mailing_list(14, f"list_{n}", f"198.19.11{n}.20", f"list{n}.example.org", reason="mailing_list")
              for n in range(5))),
          expect(*ASK, classes={f"list_{n}": MODIFIED for n in range(5)}))
situation("some_mailing_lists", "3 % through lists is a warning on the way to quarantine.",
          world(office(), ses(), sendgrid(), bots(), *(
              mailing_list(7, f"list_{n}", f"198.19.11{n}.20", f"list{n}.example.org", reason="mailing_list")
              for n in range(2))), ready(classes={**HONEST, "list_0": MODIFIED, "list_1": MODIFIED}))
situation("reject_in_test_mode", "p=reject with t=y is quarantine: the next step is to finish it.",
          world(*usual(), policies=((10**6, Policy("quarantine")), (50, Policy("reject", testing=True))), days=100,
                of=reporters(bigmail={"schema": "rfc9990"}, webmail={"schema": "rfc9990"})),
          ready("reject", record_has=("p=reject",), record_lacks=("t=y",), classes=HONEST))
situation("reporter_that_contradicts_itself",
          "One in twelve messages 'fails' at a receiver whose own results say pass: its fault, no key's, and lost.",
          world(*usual(), of=reporters(campus={"judges": "harshly"})),
          expect(*ASK, classes=HONEST, says=("campus.example.org", "own_contradicted")))
situation("small_reporter_that_contradicts_itself", "A receiver of one message in a hundred is no reason to wait.",
          world(*usual(), of=reporters(campus={"judges": "harshly", "share": 0.01})), ready(classes=HONEST))
situation("reporter_that_evaluates_nothing",
          "What a report gives no outcome for is unknown, and no reason to hold back what all others see pass.",
          world(*usual(), of=reporters(bigmail={"evaluates": False})),
          ready(classes=HONEST, says=("does not say whether it passes",)))
situation("nobody_evaluates", "Results without a single outcome prove nothing: unknown is never a pass.",
          world(*usual(), of=reporters(**{name: {"evaluates": False} for name in (
              "bigmail", "webmail", "telco", "corporate", "campus")})),
          expect("INSUFFICIENT_DATA", classes=HONEST))
situation("broken_key_beside_who_evaluates_nothing", "Those who evaluate see the key fail, and they are enough.",
          world(office(), ses(later=((9, (ses_auth("ses2", result="fail"),)),)), bots(),
                of=reporters(bigmail={"evaluates": False})),
          expect("NOT_READY", "REGRESSION", blocked_by=(SES,)))
situation("own_host_that_nobody_evaluates",
          "A host that sends every day without anything of the owner's may be his, though no outcome is told.",
          world(*usual(), replace(unauthenticated("host", "198.19.64.9", 30), reporters=("bigmail.example.net",)),
                of=reporters(bigmail={"evaluates": False})),
          held("host", Who("198.19.64.0/24")))
situation("silence_names_the_silent", "Who fell silent is what the owner must know.",
          world(*usual(), of=reporters(bigmail={"share": 2.5, "stops_ago": 16})),
          expect("STALE", says=("bigmail.example.net",)))
situation("too_little_says_how_long", "Twenty days are too few; the answer is a number of days.",
          world(*usual(), days=20), expect("INSUFFICIENT_DATA", says=("more day",)))

# --- what reporters say of the policy --------------------------------------------------------------------------------
situation("np_that_two_can_say",
          "np=reject stands in the reports of two; the others write in the old format, which has no word for it.",
          world(*usual(), policies=at("quarantine", sp="none", np="reject"),
                of=reporters(webmail={"schema": "rfc9990"})),
          ready("reject", record_has=("sp=none", "np=reject"), classes=HONEST))
FILLED = {"sees": Policy("quarantine")}
situation("sp_none_that_most_overwrite",
          "Three of five write p into sp; the shop below loses a third, and has sp=none.",
          world(*usual(), unauthenticated("shop", "198.19.82.4", 90, header_from=f"shop.{D}"),
                policies=at("quarantine", sp="none"), of=reporters(bigmail=FILLED, corporate=FILLED, campus=FILLED)),
          ready("reject", record_has=("sp=none",), classes=HONEST))
situation("two_records_at_two_name_servers",
          "Two receivers ask a name server that was forgotten and see p=none to this day: the next step is theirs.",
          world(*usual(), policies=at("quarantine"),
                of=reporters(webmail={"sees": Policy()}, campus={"sees": Policy()})),
          ready("quarantine", record_has=("p=quarantine",), says=("webmail.example.org", "disagree"), classes=HONEST))
situation("one_receiver_with_a_record_of_its_own", "What a single receiver sees is told, and takes nothing back.",
          world(*usual(), policies=at("quarantine"), of=reporters(campus={"sees": Policy("none")})),
          ready("reject", says=("campus.example.org", "disagree"), classes=HONEST))

# --- own mail that stops ---------------------------------------------------------------------------------------------
situation("company_closes_for_a_week", "A week of company holidays, with bots as ever, is no end of own mail.",
          world(office(stop_ago=7), bots(), days=100), ready(classes={"office": OWN_PASSES}))
situation("moved_house_on_tuesday",
          "The only mail server was replaced three days ago by one that SPF does not know and that signs nothing.",
          world(Stream("before", OWN, Hosts(("192.0.2.10",)), Cadence(140, True, stop_ago=3), (Auth((), (D, "pass")),)),
                unauthenticated("after", "198.19.83.6", 140, working=True, start_ago=3), bots(), days=80),
          expect(*ASK_OR_WAIT, blocked_by=(Who("198.19.83.0/24"),), never={"after": NEVER[UNAUTH]}))
situation("twenty_five_branches_by_spf",
          "Each branch sends nine messages a month by SPF alone; together they are 2 % that p=reject must not rest on.",
          world(*usual(), Stream("branches", OWN, Hosts(tuple(f"198.19.{100 + n}.7" for n in range(25))), Cadence(8),
                                 (Auth((), (D, "pass")),)), policies=at("quarantine")),
          expect("NOT_READY", not_blocked_by=(SES, Who("192.0.2.0/24")), classes={**HONEST, "branches": OWN_PASSES}))

# --- whose fault -----------------------------------------------------------------------------------------------------
TEMPERROR = {"webmail": {"temperror": 0.03, "share": 0.5}}
branch = Stream("branch", OWN, Hosts(("198.19.80.7",)), Cadence(60, True),
                (Auth(signed(f"{D}/b1"), (D, "softfail"), breaks=0.15),))
situation("temperror_before_reject", "A receiver that cannot look up 3 % of the keys says nothing of the sender.",
          world(*usual(), policies=at("quarantine"), of=reporters(**TEMPERROR)), ready("reject", classes=HONEST))
situation("temperror_at_reject", "The same at reject is no lost mail.",
          world(*usual(), policies=at("reject"), of=reporters(**TEMPERROR)), expect("AT_TARGET", classes=HONEST))
situation("temperror_beside_a_break",
          "Beside the receiver's trouble a branch's mail does fail: that one is named, the others are not.",
          world(*usual(), branch, of=reporters(**TEMPERROR), policies=at("quarantine")),
          expect("NOT_READY", blocked_by=(Who("198.19.80.0/24"),), not_blocked_by=(SES, Who("192.0.2.0/24")),
                 classes={**LOST_OWN_SES, "branch": OWN_OR_BROKEN}))
situation("own_name_server_fails_everywhere",
          "If every receiver fails to look up a fifth of the keys, it is the owner's name server.",
          world(office(), bots(), ses(auth=ses_auth(), later=((60, (
              replace(ses_auth(), weight=0.8), replace(ses_auth(result="temperror"), weight=0.2))),))),
          expect(*HOLD, classes=LOST_OWN_SES))
situation("a_gateway_that_breaks_at_one_receiver",
          "One receiver's gateway changes an eighth of its mail before it checks: 0.6 % of own mail, nobody else's "
          "fault.",
          world(*usual(), policies=at("quarantine"), of=reporters(corporate={"breaks": 0.12})),
          ready("reject", classes=LOST_OWN_SES))
situation("key_withdrawn_too_early", "Nine days ago the old key left the DNS while the service still signs with it.",
          world(office(), bots(), ses(later=((9, (ses_auth(result="permerror"),)),))),
          expect("NOT_READY", blocked_by=(SES,), not_blocked_by=(Who("192.0.2.0/24"),), classes=LOST_OWN_SES))
FACTORY = (Auth(signed(f"{D}/f1"), (D, "softfail"), breaks=0.001),)
situation("one_gateway_of_two", "Six days ago one of two gateways began to sign with a key that nobody published.",
          world(office(), bots(), Stream("gateway_a", OWN, Hosts(("198.19.80.7",)), Cadence(45), FACTORY),
                Stream("gateway_b", OWN, Hosts(("198.19.80.8",)), Cadence(45), FACTORY,
                       ((6, (Auth(((D, "f2", "fail"),), (D, "softfail")),)),))),
          expect("NOT_READY", blocked_by=(Who("198.19.80.0/24"),),
                 classes={"gateway_a": OWN_PASSES, "gateway_b": OWN_OR_BROKEN}))
situation("failing_where_nobody_else_receives",
          "All of this stream goes to one receiver: that no other sees it fail excuses nothing.",
          world(*usual(), Stream("billing", OWN, Hosts(("198.19.80.30",)), Cadence(25),
                                 (Auth(signed(f"{D}/bill1"), ("billing.example.org", "pass")),),
                                 ((25, (Auth(((D, "bill1", "fail"),), ("billing.example.org", "pass")),)),),
                                 reporters=("telco.example.net",))),
          expect("NOT_READY", blocked_by=(Who("198.19.80.0/24", r"billing\.example\.org"),),
                 classes={"billing": OWN_OR_BROKEN}))
ERP_HOST = Hosts(("198.19.80.40",))
situation("signature_that_half_the_world_cannot_read",
          "An algorithm that two large receivers do not know: the sender must sign twice.",
          world(*usual(), Stream("read", OWN, ERP_HOST, Cadence(20),
                                 (Auth(signed(f"{D}/ed1"), ("erp.example.org", "softfail")),),
                                 reporters=("telco.example.net", "corporate.example.org", "campus.example.org")),
                Stream("unread", OWN, ERP_HOST, Cadence(40),
                       (Auth(((D, "ed1", "permerror"),), ("erp.example.org", "softfail")),),
                       reporters=("bigmail.example.net", "webmail.example.org"))),
          expect("NOT_READY", blocked_by=(Who("198.19.80.0/24"),),
                 classes={"read": OWN_PASSES, "unread": OWN_OR_BROKEN}))
situation("one_name_server_lacks_the_key",
          "Every receiver misses the key in a quarter of the cases: one of four name servers lacks it.",
          world(office(), bots(), ses(auth=replace(ses_auth(), weight=0.75), later=((40, (
              replace(ses_auth(), weight=0.75), replace(ses_auth(result="permerror"), weight=0.25))),))),
          expect("NOT_READY", blocked_by=(SES,), not_blocked_by=(Who("192.0.2.0/24"),), classes=LOST_OWN_SES))

# --- reporters -------------------------------------------------------------------------------------------------------
situation("a_year_of_one_reporter", "However long, one receiver speaks for its own users.",
          world(*usual(), days=200, of=REPORTERS[:1], policies=at("quarantine")), expect("INSUFFICIENT_DATA"))
situation("weekly_reporters_alone", "Nine weeks reported by the week hold the same mail as sixty daily reports.",
          world(*usual(), days=63, of=tuple(replace(r, period_days=7) for r in REPORTERS)), ready(classes=HONEST))
situation("two_small_reporters_silent",
          "A fifth of the mail is no longer seen since three weeks; the rest is, and is clean.",
          world(*usual(), of=reporters(corporate={"stops_ago": 22}, campus={"stops_ago": 22})), ready(classes=HONEST))
situation("most_reporters_silent",
          "Three fifths of the mail have not been seen for twelve days, and who saw them is named.",
          world(*usual(), of=reporters(**{n: {"stops_ago": 12} for n in ("webmail", "telco", "corporate", "campus")})),
          expect("STALE", "INSUFFICIENT_DATA", says=("webmail.example.org",)))
situation("the_witness_fell_silent",
          "Who saw the branch fail fell silent twelve days ago; nothing says that it was mended.",
          world(*usual(), Stream("branch", OWN, Hosts(("198.19.80.7",)), Cadence(60),
                                 (Auth(signed(f"{D}/b1"), (D, "softfail"), breaks=0.001),),
                                 ((30, (Auth(((D, "b1", "fail"),), (D, "softfail")),)),),
                                 reporters=("corporate.example.org",)), of=reporters(corporate={"stops_ago": 12})),
          expect("NOT_READY", blocked_by=(Who("198.19.80.0/24"),), classes={"branch": OWN_OR_BROKEN}))
situation("a_generous_reporter_hides_nothing",
          "A reporter that passes what does not align makes the unaligned service no less so.",
          world(*usual(), mailchimp(), of=reporters(webmail={"judges": "generously"})), held("mailchimp", MAILCHIMP))

# --- surge and replay ------------------------------------------------------------------------------------------------
REPLAYED = (Auth(signed(f"{D}/s1"), ("cheap.example", "pass")),)
situation("replay_at_reject",
          "One signed message, sent again by hundreds of strangers: it passes, and the owner must hear of it.",
          world(*usual(), Stream("replay", SPOOF, Botnet(70, 1), Cadence(6000, start_ago=5), REPLAYED), days=90,
                policies=at("reject")),
          expect("AT_TARGET", "NOT_READY", "REGRESSION", "NEEDS_DECISION", says=("replay_suspected",),
                 classes={**HONEST, "replay": FORWARDED | NOT_OURS}))
situation("replay_before_quarantine", "The same on the way to quarantine, which stops none of it.",
          world(*usual(), Stream("replay", SPOOF, Botnet(70, 1), Cadence(3000, start_ago=4), REPLAYED), days=90),
          expect("READY", *HOLD, says=("replay_suspected",), classes={**HONEST, "replay": FORWARDED | NOT_OURS}))
situation("monthly_newsletter_is_no_surge", "Fifty times the daily mail on the 27th, as every month: no finding.",
          world(office(), ses(6000, month_days=(27,)), bots(), days=180),
          ready(classes=HONEST, says_not=("replay_suspected", "surge")))
situation("unsigned_campaign_as_a_new_name",
          "Since six days a new name below the domain sends a tenth of own mail, unsigned: hold, and say so.",
          world(*usual(), unauthenticated("promo", Hosts(("198.19.41.7", "198.19.41.8")), 160,
                                          in_its_own_name("hubspotemail.net"), header_from=f"promo.{D}",
                                          start_ago=6), days=90),
          expect(*ASK_OR_WAIT, says=("new_from_domain",), never={"promo": NEVER[UNAUTH]}))
situation("own_server_sends_as_a_new_name",
          "The own servers send 27,000 messages under a name that was never used: it passes, and must be told.",
          world(*usual(), Stream("strange", OWN, Hosts(("192.0.2.10", "192.0.2.11")), Cadence(4500, start_ago=6),
                                 (Auth(signed(f"{D}/s1"), (D, "pass")),), header_from=f"invoice.{D}"), days=90),
          expect("READY", *HOLD, says=("new_from_domain",)))
situation("enterprise_software_fell_silent",
          "A daily sender of a tenth of all mail stopped nine days ago: ready, and somebody should look.",
          world(*usual(), Stream("erp", OWN, Hosts(("198.19.45.3",)), Cadence(40, stop_ago=9),
                                 (Auth(signed(f"{D}/e1"), (f"erp.{D}", "pass")),)), days=90),
          ready(classes={**HONEST, "erp": OWN_PASSES}, says=("ceased",)))
situation("sale_of_four_days", "The service sends ten times as much since four days, all of it right: ready, and told.",
          world(*usual(), replace(ses(1200, start_ago=4), name="sale"), days=90),
          ready(classes=HONEST, says=("surge",)))
situation("after_the_holidays",
          "Two weeks without the office's mail and back since eight days: nothing ceased, nothing is new.",
          world(replace(office(stop_ago=22), name="before"), office(start_ago=8), ses(), bots(), days=100),
          ready(classes={"before": OWN_PASSES, "office": OWN_PASSES}, says_not=("ceased", "replay_suspected")))

# --- organizations ---------------------------------------------------------------------------------------------------
situation("hybrid_relay_without_signing",
          "Exchange in the cloud signs, the relay at home does not: SPF alone is no base for reject.",
          world(exchange_online, ses(), alumni_of_exchange, bots(),
                Stream("relay", OWN, Hosts(("192.0.2.25",)), Cadence(30, True), (Auth((), (D, "pass")),)),
                policies=at("quarantine")),
          expect("NOT_READY", blocked_by=(Who("192.0.2.0/24"),), not_blocked_by=(SES, Who("198.19.50.0/23"))))
situation("hybrid_loop_breaks_the_signature",
          "Mail of the cloud leaves through the relay at home, which adds a disclaimer and is in no SPF record: 7 % "
          "of own mail.",
          world(exchange_online, ses(), bots(), Stream("loop", OWN, Hosts(("192.0.2.25",)), Cadence(33, True),
                                                       (Auth(((D, "selector1", "fail"),), (D, "softfail")),))),
          expect("NOT_READY", "NEEDS_DECISION", blocked_by=(Who("192.0.2.0/24"),), not_blocked_by=(SES,),
                 classes={"loop": FAILS_AS_OWN | UNDECIDED}))
situation("sales_force_unaligned",
          "The sales people's service sends in its own name, 3 % of own mail, on working days.",
          world(*usual(), unauthenticated("sales", Hosts(("198.19.73.4", "198.19.74.4")), 14,
                                          in_its_own_name("salesforce.com"), working=True)),
          held("sales", Who("198.19.72.0/22", "(?i)salesforce")))
SERVICES = ("sendgrid.net", "mcsv.net", "zendesk.com", "mailgun.org", "mtasv.net", "salesforce.com", "crm.example.net",
            "billing.example.org", "survey.example.net")
situation("nine_small_services", "None of nine services sends above 0.4 % of own mail; together they are 3 %.",
          world(*usual(), *(unauthenticated(f"service_{n}", f"198.19.{20 + 4 * n}.9", 1.05, in_its_own_name(domain))
                            for n, domain in enumerate(SERVICES))), expect(*ASK))
situation("three_small_services", "Three of these are below 1 % together: listed, and no reason to wait.",
          world(*usual(), *(unauthenticated(f"service_{n}", f"198.19.{20 + 4 * n}.9", 0.8, in_its_own_name(domain))
                            for n, domain in enumerate(SERVICES[:3]))), ready(classes=HONEST))
situation("service_changed_three_weeks_ago", "One service left, another one came 20 days ago and passes: settled.",
          world(office(), ses(stop_ago=20), bots(),
                Stream("mailgun", OWN, Hosts(("198.19.47.4", "198.19.47.5")), Cadence(120, start_ago=20),
                       (Auth(signed(f"{D}/mg1", "mailgun.org/k1"), (f"mg.{D}", "pass"), breaks=0.001),))),
          ready(classes={**HONEST, "mailgun": OWN_PASSES}))
situation("service_changed_without_signing",
          "The new service sends since five days, as itself alone: the whole newsletter would go.",
          world(office(), ses(stop_ago=5), bots(), mailchimp(120, start_ago=5)),
          expect(*HOLD, classes={"mailchimp": UNDECIDED}))
situation("monthly_run_with_a_wrong_key",
          "Invoices on the first, signed with a key that never was right, from an address of their own.",
          world(*usual(), Stream("invoices", OWN, Hosts(("198.19.45.3",)), Cadence(300, month_days=(1,)),
                                 (Auth(((D, "inv", "fail"),), ("billing.example.org", "softfail")),)), days=95),
          expect("NOT_READY", "NEEDS_DECISION", blocked_by=(Who("198.19.45.0/24"),),
                 classes={"invoices": FAILS_AS_OWN | UNDECIDED}))
situation("quarterly_key_that_was_withdrawn",
          "A quarter ago its key was there, at the last run fifty days ago it was not.",
          world(office(), ses(), bots(),
                Stream("reports", OWN, Hosts(("198.19.45.3",)), Cadence(320, runs_ago=(141, 140, 51, 50)),
                       (Auth(signed(f"{D}/inv1"), (D, "softfail")),),
                       ((60, (Auth(((D, "inv1", "permerror"),), (D, "softfail")),)),)), days=150),
          expect("NOT_READY", "NEEDS_DECISION", blocked_by=(Who("198.19.45.0/24"),)))
situation("alumni_who_break_some",
          "A forwarder of a tenth of the mail breaks 3 % of that: a few of its users, not the owner's servers.",
          world(office(), ses(), bots(), alumni(40, breaks=0.03), policies=at("quarantine")),
          expect("READY", "NEEDS_DECISION", next_policy="reject", classes=HONEST,
                 not_blocked_by=(SES, Who("192.0.2.0/24")),
                 never={"alumni": {"legitimate", "unauthorised", "suspicious"}}))
situation("small_system_fails_at_quarantine",
          "A small system broke five days ago; in all mail that is a seventh of a point a day, and it is all of its "
          "own.",
          world(*usual(), Stream("erp", OWN, Hosts(("198.19.80.7",)), Cadence(25),
                                 (Auth(signed(f"{D}/e1"), (D, "softfail"), breaks=0.001),),
                                 ((5, (Auth(((D, "e1", "fail"),), (D, "softfail")),)),)), policies=at("quarantine")),
          expect(*FELL, blocked_by=(Who("198.19.80.0/24"),), not_blocked_by=(SES,), classes={"erp": OWN_OR_BROKEN}))
situation("outage_before_the_window",
          "A week without a working key ended 37 days ago: it is mended, and the month since is clean.",
          world(office(), alumni(), bots(), ses(later=((45, (ses_auth(result="fail"),)), (37, (ses_auth(),)))),
                days=100, policies=at("quarantine")),
          ready("reject", classes={"office": OWN_PASSES, **LOST_OWN_SES}))

# --- what is said of it ----------------------------------------------------------------------------------------------
situation("list_that_the_owner_gives_up", "What a list breaks he may give up: his word ends the question.",
          world(office(), ses(), bots(), mailing_list(40, selectors=("s1",), reason="mailing_list"),
                policies=at("quarantine")),
          ready("reject", never={"list": {"own", "own_broken", "undecided"}}),
          labels=(Label("lists.example.org", "ignore"),))
situation("list_that_the_owner_does_not_give_up", "Without his word it is a question, and more keys are no answer.",
          world(office(), ses(), bots(), mailing_list(40, selectors=("s1",), reason="mailing_list"),
                policies=at("quarantine")),
          expect(*ASK, blocked_by=(Who("203.0.113.0/24", r"lists\.example\.org"),),
                 says=("rewrite from:", "ignore --domain"), says_not=("sign all of it",)))
situation("annexe_that_loses_all", "Ten messages of a thousand are within the limits, and all that the annexe sends.",
          world(*usual(), Stream("annexe", OWN, Hosts(("192.0.2.77",)), Cadence(3),
                                 (Auth(((D, "s1", "fail"),), (D, "softfail")),))),
          ready(says=("192.0.2.77", "within the limits")))
situation("town_hall_whose_mail_is_redirected",
          "Nothing is signed, so a redirection looks like a stranger: the question has that answer too.",
          world(Stream("town", OWN, Hosts(("192.0.2.10",)), Cadence(140, True), (Auth((), (D, "pass")),)),
                Stream("redirected", FORWARDER, Hosts(("198.19.90.4",)), Cadence(16),
                       (Auth((), ("redirect.example.org", "pass")),)), bots()),
          expect(*ASK, blocked_by=(Who("198.19.90.0/24", r"redirect\.example\.org"),), says=("forwarder --domain",)))
situation("backup_host_beside_the_servers", "A host among the owner's servers is hardly a stranger's to be struck.",
          world(*usual(), unauthenticated("backup", "192.0.2.61", 22)),
          expect("NEEDS_DECISION", "NOT_READY", blocked_by=(Who("192.0.2.0/24"),), says=("192.0.2.61",),
                 says_not=("unauthorised --domain",)))

# --- senders who change, and hosts that broke ------------------------------------------------------------------------
SERVER = Hosts(("192.0.2.10",))
SERVER_SIGNS = (Auth(signed(f"{D}/s1"), (D, "pass"), breaks=0.001),)
situation("the_only_server_stops_signing", "Since two days it sends with nothing on it: that is no stranger.",
          world(Stream("server", OWN, SERVER, Cadence(150), SERVER_SIGNS, ((2, NOTHING_OWN),)), bots()),
          expect("NOT_READY", classes={"server": OWN_OR_BROKEN}))
situation("the_only_server_stops_signing_at_reject", "And every message of these days is rejected.",
          world(Stream("server", OWN, SERVER, Cadence(150), SERVER_SIGNS, ((3, NOTHING_OWN),)), bots(),
                policies=at("reject")),
          expect("REGRESSION", classes={"server": OWN_OR_BROKEN}))
situation("bounces_of_the_own_server", "Delivery reports leave the same host, and nothing signs them.",
          world(office(ip="192.0.2."), ses(), bots(), unauthenticated("bounces", "192.0.2.10", 14)),
          expect("NOT_READY", "NEEDS_DECISION", classes={"bounces": {"own_broken", "undecided"}}))
situation("meters_on_a_mobile_network", "Nine meters of a provider's /48, each in a new /64 each day, for two months.",
          world(*usual(), unauthenticated("meters", Pool(tuple(f"2001:db8:79:{n:x}::" for n in range(4000)), 9), 18)),
          held("meters", Who("2001:db8:79::/48")))
situation("printer_behind_changing_lines",
          "On each working day one address somewhere in a large provider's networks, twenty messages, beside a botnet.",
          world(office(), ses(), alumni(), bots(12, 8),
                unauthenticated("printer", Pool(tuple(f"198.18.{n}." for n in range(250)), 1), 28, working=True)),
          expect(*ASK, never={"printer": NEVER[UNAUTH] - {"suspicious"}}))
situation("machine_made_anew_for_each_mailing", "Every Wednesday from a machine of a cloud that is gone on Thursday.",
          world(*usual(), unauthenticated("mailing", Pool(tuple(f"198.18.{n}." for n in range(250)), 1), 160,
                                          weekdays=(2,))),
          expect(*ASK))
situation("function_in_a_cloud_that_signs",
          "It signs with its provider's key, from a new address for each run: who has a key is somebody.",
          world(*usual(), unauthenticated("function", Pool(tuple(f"198.18.{n}." for n in range(250)), 4), 16,
                                          in_its_own_name("functions.example.org"))),
          held("function", Who("198.18.0.0/16", r"functions\.example\.org")))
situation("sixty_institutes", "Each institute's server sends on two days a week; a botnet hides none of them.",
          world(*usual(), unauthenticated("institutes", Hosts(tuple(f"198.19.{100 + n}.4" for n in range(60))), 40,
                                          working=True), days=75),
          expect(*ASK, classes={"institutes": UNDECIDED}, share=0.8))
situation("gateway_whose_seal_is_trusted",
          "A department's gateway breaks the signature and seals; three large receivers call that forwarded.",
          world(*usual(), Stream("gateway", OWN, Hosts(("198.19.95.4",)), Cadence(30, True),
                                 (Auth(((D, "s1", "fail"),), (D, "softfail"), sealed=True, reason="local_policy"),))),
          expect(*HOLD, blocked_by=(Who("198.19.95.0/24"),)))
situation("newsletter_with_a_list_id", "A newsletter tool of the owner's bears a List-Id: that makes it nobody's list.",
          world(*usual(), unauthenticated("letter", "198.19.96.4", 60,
                                          (Auth((), (D, "softfail"), reason="mailing_list"),), weekdays=(1, 3))),
          expect(*HOLD, blocked_by=(Who("198.19.96.0/24"),)))
situation("mail_sent_through_a_forwarding_service",
          "What was never signed does not lose its signature on the way: the service took it in from the owner.",
          world(*usual(), unauthenticated("sent", "198.19.97.4", 30, in_its_own_name("forwardemail.net"))),
          expect(*HOLD, classes={"sent": UNDECIDED}))
situation("known_list_of_one_and_a_half_percent", "A list of the catalogue that breaks signatures is a list.",
          world(*usual(), mailing_list(6, lists="googlegroups.com", selectors=("s1",))),
          ready(never={"list": {"own", "own_broken", "undecided"}}))
situation("key_that_was_never_published", "A new system signs with a key that nobody can fetch, for six weeks.",
          world(*usual(), Stream("shop", UNAUTH, Hosts(("198.19.98.4",)), Cadence(20, start_ago=42),
                                 (Auth(((D, "shop", "permerror"),), (D, "softfail")),))),
          expect("NOT_READY", "NEEDS_DECISION", blocked_by=(Who("198.19.98.0/24"),), says=("s=shop",)))
situation("pool_that_was_repaired", "The service unaligned for two months, and signed since forty days, from a pool.",
          world(office(), ses(), bots(),
                newsletter(60, UNALIGNED, ((40, ALIGNED),), hosts=tuple(f"198.19.30.{n}" for n in range(1, 120)),
                           every=3), days=100),
          ready())
situation("batch_of_sundays_that_broke", "A quarterly run on Sundays fails; the mail of working days repaired nothing.",
          world(office(), ses(), bots(),
                Stream("batch", OWN, SERVER, Cadence(400, runs_ago=(64,)),
                       (Auth(((D, "s1", "fail"),), (D, "softfail")),)), days=100),
          expect("NOT_READY", "NEEDS_DECISION"))

# --- what is over ----------------------------------------------------------------------------------------------------
BROKEN_LETTER = (Auth(((D, "k2", "fail"), ("mcsv.net", "k1", "pass")), ("mail5.suw11.mcsv.net", "pass")),)
MONTHS = (176, 146, 115, 86, 57, 27)


def monthly(rate, auth, later, **cadence):
    """A host of the owner's that mails once a month, with a key of its own."""
    return Stream("monthly", OWN, Hosts(("198.19.45.3",)), Cadence(rate, **cadence), auth, later)


LETTER, LETTER_FAILS = ((Auth(((D, "n1", result),), ("mailings.example.net", "pass")),) for result in ("pass", "fail"))
situation("month_that_failed_and_was_mended",
          "Of six monthly letters the third failed; the next three are whole: nothing is left to mend.",
          world(*usual(), monthly(600, LETTER, ((120, LETTER_FAILS), (100, LETTER)), runs_ago=MONTHS), days=200),
          ready(classes={**HONEST, "monthly": OWN_OR_BROKEN}))
situation("last_month_failed", "Five monthly letters were whole and the last one failed: so will the next.",
          world(*usual(), monthly(600, LETTER, ((40, LETTER_FAILS),), runs_ago=MONTHS), days=200),
          expect(*MUST_MEND, "REGRESSION", blocked_by=(Who("198.19.45.0/24", r"mailings\.example\.net"),)))
situation("parked_since_its_record_says_so",
          "No record until three weeks ago, -all since: forgers' results are all fail, and that is the answer.",
          world(bots(40, 15, spf="none", name="earlier", stop_ago=20), bots(40, 15, spf="fail", start_ago=20)),
          ready("reject", classes={"bots": SUSPICIOUS}))
situation("parked_whose_record_went", "-all for six weeks, and for three weeks nothing any more: it answers no longer.",
          world(bots(40, 15, spf="fail", name="earlier", stop_ago=20), bots(40, 15, spf="none", start_ago=20)),
          expect(*ASK, max_blockers=1, says=("v=spf1 -all",)))
situation("parked_with_forgers_below", "-all is published; half of the forgers make up names below, which have no record.",
          world(bots(40, 15, spf="fail"), replace(bots(40, 15, spf="none", name="invented"), invented=True)),
          ready("reject", classes={"bots": SUSPICIOUS, "invented": SUSPICIOUS}))

AT_SENDGRID = ("198.19.20.4", "198.19.20.5", "198.19.20.6", "198.19.20.7")
BOTH_BREAK = Auth(((D, "sg1", "fail"), ("sendgrid.net", "smtpapi", "fail")), (f"em.{D}", "pass"))
BOTH_PASS = Auth(signed(f"{D}/sg1", "sendgrid.net/smtpapi"), (f"em.{D}", "pass"))


def double_signed(*auth, hosts=AT_SENDGRID, **rest):
    return Stream("sendgrid", OWN, Hosts(hosts), Cadence(90), auth, **rest)


situation("both_signatures_break_now_and_then",
          "Receivers' gateways break 3 % of what the service signs twice; SPF passes, and it is signed.",
          world(*usual(), double_signed(replace(BOTH_PASS, weight=0.97), replace(BOTH_BREAK, weight=0.03)),
                policies=at("quarantine")),
          ready("reject", classes={**HONEST, "sendgrid": OWN_PASSES}))
situation("both_signatures_were_out_for_three_days",
          "No signature verified for three days, three weeks ago; all do since.",
          world(*usual(), double_signed(BOTH_PASS, later=((24, (BOTH_BREAK,)), (21, (BOTH_PASS,)))),
                policies=at("quarantine")),
          ready("reject", classes={**HONEST, "sendgrid": OWN_PASSES}))
situation("a_server_of_a_services_network_that_never_signs",
          "Beside the service's addresses a server of the owner's passes by SPF alone: that is not the service's.",
          world(*usual(), double_signed(BOTH_PASS),
                Stream("web", OWN, Hosts(("198.19.20.44",)), Cadence(12), (Auth((), (D, "pass")),)),
                policies=at("quarantine")),
          expect(*MUST_MEND, blocked_by=(Who("198.19.20.0/24", "(?i)sendgrid"),), not_blocked_by=(SES,)))
situation("both_signatures_are_out_since_three_days", "For three days no signature at the service has verified.",
          world(*usual(), double_signed(BOTH_PASS, later=((3, (BOTH_BREAK,)),)), policies=at("quarantine")),
          expect(*MUST_MEND, blocked_by=(Who("198.19.20.0/24", "(?i)sendgrid"),), not_blocked_by=(SES,)))

def gateway(stop_ago, fails_ago):
    """An old gateway that was taken out of SPF, and switched off some weeks later."""
    return Stream("gateway", OWN, Hosts(("198.19.46.30",)), Cadence(150, True, stop_ago=stop_ago),
                  (Auth((), (D, "pass")),), ((fails_ago, (Auth((), (D, "softfail")),)),))


GATEWAY = Who("198.19.46.0/24")
situation("gateway_that_was_switched_off",
          "It failed for its last two weeks and is silent for six: it is gone, or it is not, and a label says so.",
          world(*usual(), gateway(45, 60), days=120), expect(*ASK, blocked_by=(GATEWAY,), says=("silent since", "ignore")))
situation("gateway_that_was_replaced", "The same, and since the day it was switched off a new server sends as much.",
          world(*usual(), gateway(45, 60), days=120, *(
              Stream("new", OWN, Hosts(("198.19.47.30",)), Cadence(150, True, start_ago=45),
                     (Auth(signed(f"{D}/s1"), (D, "pass")),)),)),
          ready(classes={**HONEST, "new": OWN_PASSES}))
situation("weekly_letter_in_its_holidays",
          "A weekly letter lost its key, then paused for five weeks while the office was busier: it comes back.",
          world(office(stop_ago=38), replace(office(300, start_ago=38), name="busier"), ses(), bots(),
                Stream("letter", OWN, Hosts(("198.19.46.30",)), Cadence(400, every=7, last_ago=38),
                       LETTER, ((60, LETTER_FAILS),)), days=150),
          expect(*HOLD, blocked_by=(GATEWAY,)))
situation("gateway_still_at_it", "Taken out of SPF, it still sends a little now and then: nothing is gone.",
          world(*usual(), gateway(0, 60), days=120), expect(*MUST_MEND, blocked_by=(GATEWAY,)))

situation("brand_that_was_given_up", "Nobody mails as it for ninety days, forgers go on as ever: one question, with its answer.",
          world(office(stop_ago=92), ses(stop_ago=92), bots(), days=200),
          expect(*ASK, max_blockers=1, says=("does anything still send", "dmarcctl label 0.0.0.0/0")))
situation("brand_that_was_given_up_and_says_so", "The same, and -all is published since: reject.",
          world(office(stop_ago=92), ses(stop_ago=92), bots(stop_ago=40), days=200, *(
              bots(spf="fail", start_ago=40, name="later"),)), ready("reject"))
situation("domain_given_up_long_ago", "Its last mail is eight months old: asked once, and not called too little for ever.",
          world(office(stop_ago=245), bots(40, 15), days=300), expect(*ASK, max_blockers=1, says=("dmarcctl label",)))
situation("office_that_moved_where_nothing_is_signed",
          "Its mail ended ninety days ago, and from that day on hosts of a cloud send as much, unsigned.",
          world(office(stop_ago=92), bots(), days=200, *(
              Stream("moved", UNAUTH, Botnet(12), Cadence(200, True, start_ago=92), NOTHING_OWN),)),
          expect(*HOLD))
situation("office_between_the_years", "For two weeks only its shop writes, a twentieth of the mail: holidays.",
          world(office(260, stop_ago=13), ses(9), bots(), days=90), ready(classes={"office": OWN_PASSES}))

situation("key_that_was_published_again",
          "Three weeks without a key, ten days with it: held until that has left the window, and nothing left to do.",
          world(*usual(), monthly(60, LETTER, ((31, LETTER_FAILS), (10, LETTER))), days=90),
          expect(*MUST_MEND, says=("mended since", "no longer counts from")))
situation("key_that_was_published_yesterday", "The same, and one day with it: that is no proof.",
          world(*usual(), monthly(60, LETTER, ((31, LETTER_FAILS), (1, LETTER))), days=90),
          expect(*MUST_MEND, "REGRESSION", says=("the signature fails",)))

WEB = Stream("web", OWN, Hosts(("198.19.48.9",)), Cadence(40), (Auth((), (D, "pass")),))
WEB_SIGNS = (Auth(signed(f"{D}/w1"), (D, "pass")),)
situation("web_server_that_signs_now", "By SPF alone until two and a half weeks ago, and signed since.",
          world(*usual(), replace(WEB, later=((18, WEB_SIGNS),)), policies=at("quarantine")),
          ready("reject", classes={**HONEST, "web": OWN_PASSES}))
situation("web_server_that_writes_monthly_without_a_signature",
          "What it writes each day is signed, the monthly letter of its members is not, and will not be next month.",
          world(*usual(), replace(WEB, auth=WEB_SIGNS),
                replace(WEB, name="letter", cadence=Cadence(2000, runs_ago=(136, 107, 75, 46, 15))),
                days=150, policies=at("quarantine")),
          expect(*MUST_MEND, blocked_by=(Who("198.19.48.0/24"),)))
# --- senders without an address, and words that name nobody -----------------------------------------------------------
CHANGING = Who(None, "changing addresses")


def changing(name, per_day, rate, life_days=1, **rest):
    """The owner's mail without anything of the owner's, from addresses that nobody meets for longer than that."""
    return unauthenticated(name, Botnet(per_day, life_days), rate, **rest)


situation("three_functions_in_a_cloud", "Three programs in a cloud, each on a new address a day: a crowd of bots sends less each.",
          world(*usual(), changing("functions", 3, 90), days=90), held("functions", CHANGING))
situation("offices_behind_dial_up_lines", "Twenty-five offices on lines that get another address each day, on working days.",
          world(*usual(), changing("offices", 25, 150, working=True), days=90), expect(*ASK, blocked_by=(CHANGING,)))
situation("people_at_home", "Thirty people send from home on working days; their addresses last four days.",
          world(*usual(), changing("homes", 30, 150, life_days=4, working=True), days=90),
          expect(*ASK, blocked_by=(CHANGING,)))
situation("mondays_wednesdays_fridays", "A job in a cloud on three days of the week, from a new machine each time.",
          world(*usual(), changing("job", 1, 40, weekdays=(0, 2, 4)), days=90), held("job", CHANGING))
situation("a_home_server_and_a_spammer", "A home server with a new address a day, and a spammer with one too: nobody is alone.",
          world(*usual(), changing("home", 1, 40), bots(40, 1, name="spammer", life_days=1), days=90),
          expect(*ASK, blocked_by=(CHANGING,)))
situation("as_many_bots_each_day", "Of a botnet as many hosts are alive each day as the day before: that is no program.",
          world(*usual(), bots(160, 40, name="many", life_days=1), days=90), ready(classes={"many": SUSPICIOUS}))
situation("bots_on_all_days", "A hundred bots a day, three messages each, on Sundays as on Mondays.",
          world(*usual(), bots(300, 100, name="many", life_days=4), days=90), ready(classes={"many": SUSPICIOUS}))
situation("builds_as_a_subdomain", "A build farm sends as build.example.com from a dozen new machines each day.",
          world(*usual(), changing("builds", 12, 45, auth=(Auth((), (f"build.{D}", "none")),), header_from=f"build.{D}"),
                days=90),
          expect("NEEDS_DECISION", "READY", record_has=("sp=none",), blocked_by=(Who(None, f"build.{D}"),)))
situation("a_vendor_in_a_cloud", "A vendor's name passes SPF from two new addresses each day, for three months.",
          world(*usual(), changing("vendor", 2, 40, auth=(Auth((), ("mailer.example.net", "pass")),)), days=90),
          held("vendor", Who(None, "mailer.example.net")))
situation("an_agency_that_sent_once", "An agency signs as itself, from twelve networks, once, a fifth of the month's mail.",
          world(*usual(), changing("agency", 12, 2500, auth=in_its_own_name("agency.example.net"), runs_ago=(5,))),
          expect(*ASK_OR_WAIT, blocked_by=(Who(None, "agency.example.net"),)))
LETTER_WITH_LIST_ID = (Auth((), ("letters.example.net", "pass"), 0.8),
                       Auth((), ("letters.example.net", "pass"), 0.2, reason="mailing_list"))
situation("a_newsletter_with_a_list_id", "One reporter calls the newsletter a list's, for its List-Id: it is the owner's.",
          world(*usual(), unauthenticated("letters", "198.19.64.5", 600, LETTER_WITH_LIST_ID, weekdays=(1,)), days=90),
          held("letters", Who("198.19.64.0/24", "letters.example.net")))
situation("a_list_that_all_call_one", "A list with 3 % of own mail, which each reporter calls one: a warning, no question.",
          world(*usual(), mailing_list(30, reason="mailing_list")), ready(classes={"list": FORWARDED | MODIFIED}))

# --- once, and since the other day -----------------------------------------------------------------------------------
AGENCY, PANEL = Who("198.19.72.0/24", r"agency\.example\.net"), Who("198.19.73.0/24", r"panel\.example\.org")
AGENCY_HOSTS = Hosts(tuple(f"198.19.72.{n}" for n in range(4, 8)))


def once(name, rate, auth, ago, hosts=AGENCY_HOSTS, **rest):
    return unauthenticated(name, hosts, rate, auth, runs_ago=(ago, ago - 1), **rest)


situation("an_agency_that_signs_wrote_once",
          "Forty days ago an agency wrote twice for the owner, under its own signature, from four hosts: 4 % of a month.",
          world(*usual(), once("agency", 170, in_its_own_name("agency.example.net"), 41)), held("agency", AGENCY))
situation("a_survey_that_passes_spf_wrote_once",
          "A panel's name passes SPF from four hosts, and what it sent once is as much as a week of own mail.",
          world(*usual(), once("panel", 1300, (Auth((), ("panel.example.org", "pass")),), 30,
                               Hosts(tuple(f"198.19.73.{n}" for n in range(4, 8))))), held("panel", PANEL))
situation("a_little_under_a_signature_once", "Eighty messages under a stranger's signature, once, are less than 1 % of a month.",
          world(*usual(), once("little", 38, in_its_own_name("agency.example.net"), 41)),
          ready(classes={**HONEST, "little": SUSPICIOUS}))
situation("forgers_who_sign_from_a_few_hosts",
          "Each week a new name that signs, from three rented hosts, and it never comes back: the eighth is no news.",
          world(*usual(), *(once(f"name_{n}", 200, in_its_own_name(f"win{n}.example"), 20 + 8 * n,
                                 Hosts(tuple(f"198.19.{80 + n}.{k}" for k in (4, 5, 6))), truth=SPOOF) for n in range(8)), days=90),
          ready(classes={**HONEST, **{f"name_{n}": SUSPICIOUS for n in range(8)}}))
situation("functions_in_a_cloud_since_last_week",
          "A program that moved to a cloud eleven days ago, on five new addresses a day, beside bots that send a message.",
          world(office(), ses(), alumni(), bots(20, 30), changing("functions", 5, 75, start_ago=11), days=90),
          expect(*ASK_OR_WAIT, never={"functions": NEVER[UNAUTH] - {"suspicious"}}))
situation("a_program_in_a_cloud_without_bots", "The same on one address a day, in a domain that no bot knows.",
          world(office(), ses(), alumni(), changing("program", 1, 25, start_ago=12), days=90),
          expect(*ASK_OR_WAIT, never={"program": NEVER[UNAUTH] - {"suspicious"}}))
situation("a_ticket_system_on_tuesdays_and_fridays", "A new server that writes twice a week since 17 days, a seventh of that day's mail.",
          world(*usual(), unauthenticated("tickets", "198.19.74.4", 60, weekdays=(1, 4), start_ago=17)),
          expect(*ASK_OR_WAIT, never={"tickets": NEVER[UNAUTH] - {"suspicious"}}))
situation("a_vendor_on_ever_new_addresses", "Its name passes SPF each day for two months, from six hosts that nobody meets again.",
          world(*usual(), changing("vendor", 6, 45, auth=(Auth((), ("mailer.example.net", "pass")),))),
          held("vendor", Who(None, "mailer.example.net")))
situation("a_key_that_nobody_published_in_a_cloud", "Thirty new addresses a day for a month, all signed with a key that is in no zone.",
          world(*usual(), changing("keyless", 30, 60, auth=(Auth(((D, "prog", "fail"),), (D, "softfail")),), start_ago=30)),
          expect(*ASK, blocked_by=(CHANGING,), max_blockers=1, classes={"keyless": UNDECIDED}))
situation("a_gateway_under_a_name_of_its_own", "The owner's gateway breaks two fifths of what leaves by it, and its provider's name passes.",
          world(*usual(), Stream("gateway", OWN, Hosts(("198.19.96.4",)), Cadence(22, True),
                                 (Auth(signed(f"{D}/s1"), ("gw.example.net", "pass"), 0.6),
                                  Auth(((D, "s1", "fail"),), ("gw.example.net", "pass"), 0.4)))),
          expect(*HOLD, blocked_by=(Who("198.19.96.0/24", r"gw\.example\.net"),)))
situation("louder_bots_since_last_week",
          "For eleven days other bots, sixty a day, send more than the usual ones: forgers come like that.",
          world(office(), ses(), alumni(), bots(40, 30), bots(900, 60, name="louder", start_ago=11), days=90),
          ready(classes={**HONEST, "louder": SUSPICIOUS}))

# Wrong answers that are known, as "kind verdict" with the seed 1 (check.py says what the kinds mean). A line that no
# longer holds fails the run, better or worse: the list shrinks by hand.
KNOWN = {
    "parked_with_envelopes_of_others": "needless NEEDS_DECISION",
    "reporter_that_contradicts_itself": "untold NEEDS_DECISION",
    "a_gateway_that_breaks_at_one_receiver": "needless NOT_READY",
    "alumni_who_break_some": "needless NOT_READY",
    "strict_spf_fails_a_return_path": "other NEEDS_DECISION",
    "partner_forwards_with_arc": "untold READY",
}
