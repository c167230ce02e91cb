# SPDX-License-Identifier: Apache-2.0
"""What there is to tell, worked out from what `findings` says of each day, and apart from the program: when each finding is to be
told first, and that it is over; and what whoever looks on some days alone is to hear of that."""
import collections

CLEAN_DAYS, TOLD_DAYS = 3, 7  # finding.clean, finding.told
OF_A_MOMENT = ("ceased", "new_from_domain", "new_sender", "policy_changed", "verdict_changed", "reporter_silent")
SEVERITIES = ("critical", "warning", "notice")

Event = collections.namedtuple("Event", "day state first_seen found severity is_aged")


class Life:
    """One finding as long as it is known."""

    def __init__(self):
        self.events, self.is_open, self.seen, self.missed = [], False, -1, 0
        self.kind = self.first = self.found = self.severity = None

    def add(self, day, state, row=None, is_aged=False):
        if row:
            self.kind, self.first, self.found, self.severity = row["kind"], row["first_seen"], row["found"], SEVERITIES.index(row["severity"])
        self.events.append(Event(day, state, self.first, self.found, self.severity, is_aged))
        self.is_open = state == "due"

    def learn(self, day, row, day_names):
        if row["state"] in ("new", "open"):
            is_anew = self.is_open and row["first_seen"] > self.first and row["found"] >= day_names[self.seen]
            is_graver = self.is_open and SEVERITIES.index(row["severity"]) < self.severity
            if not self.is_open or is_anew or is_graver:
                self.add(day, "due", row)
        elif row["state"] == "gone" and self.is_open:
            self.add(day, "gone", row)
        self.seen, self.missed = day, 0

    def miss(self, day, day_names):
        """It is in no list any more."""
        age = day - day_names.index(self.found) if self.found in day_names else TOLD_DAYS
        if self.kind in OF_A_MOMENT and age >= TOLD_DAYS:
            self.add(day, "gone", is_aged=True)
            return
        self.missed += 1
        if self.missed >= CLEAN_DAYS:
            self.add(day, "gone")


class Truth:
    def __init__(self, day_names):
        """All days there are, ascending."""
        self.day_names, self.lives = day_names, collections.defaultdict(Life)

    def learn(self, day, rows):
        """The days one after the other, by number."""
        rows = [r for r in rows if r["kind"] != "notify_failing"]
        for row in rows:
            if row["id"] in self.lives or row["state"] in ("new", "open"):
                self.lives[row["id"]].learn(day, row, self.day_names)
        for life in self.lives.values():
            if life.is_open and life.seen != day:
                life.miss(day, self.day_names)

    def told_to(self, looks):
        """(day of the look, id, state, first_seen), once each, to whoever looks on these days, the first of them the first day."""
        told = []
        for name, life in self.lives.items():
            carried, baseline, begin = [], None, -1
            for look in looks:
                window = carried + [e for e in life.events if begin < e.day <= look]
                begin, carried = look, []
                if not window:
                    continue
                last = window[-1]
                if last.is_aged:  # of a change nobody is told that its week is over
                    carried = [last] if len(window) > 1 else []
                    if not carried:
                        baseline = None
                        continue
                    last = window[-2]
                if baseline and last.state == "due" and last.first_seen <= baseline.first_seen and last.severity >= baseline.severity:
                    continue
                told.append((look, name, last.state, last.first_seen))
                baseline = last if last.state == "due" else None
        return told
