# SPDX-License-Identifier: Apache-2.0
"""Reads and judges services.ini, strictly, for check-services and compile-services; printing is theirs."""
import re

KINDS = ("mailbox", "marketing", "transactional", "crm", "helpdesk", "erp", "payment", "commerce", "hr", "survey",
         "saas", "gateway", "forwarder", "list", "hosting", "isp")
FIELDS = ("kind", "dkim", "spf", "ptr", "selectors", "include", "repair", "shared")
EVIDENCE = ("dkim", "spf", "ptr")
REQUIRED = ("kind", "repair")

LINE_MAX_BYTES = 512        # the reader's line buffer
NAME_MAX_BYTES = 60         # a table column must hold it
REPAIR_MAX_BYTES = 160      # one line of advice
VALUES_MAX = 16             # of one field

LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LABEL_SPF = re.compile(r"_?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")     # SPF records may live under _spf
SELECTOR = re.compile(r"[a-z0-9]([a-z0-9_.-]{0,61}[a-z0-9])?")
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9 .,&!/:()'+_-]*[A-Za-z0-9.)])?")
# Registries sell names below these, so they would match half a country.
REGISTRY_LABELS = {"ac", "ad", "co", "com", "ed", "edu", "go", "gov", "gr", "ltd", "me", "ne", "net", "or", "org"}


class Service:
    def __init__(self, name, line):
        self.name, self.line, self.fields = name, line, {}

    def values(self, field):
        return self.fields.get(field, "").split()

    @property
    def shared(self):
        return self.fields.get("shared", "yes") == "yes"

    @property
    def sends_for_others(self):
        return self.shared and self.fields["kind"] != "isp"


def read_services(text, fault):
    """Yields the sections; every line is a comment, blank, [name] or key = value, and nothing else."""
    services = []
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LINE_MAX_BYTES:
            fault(number, f"line is longer than {LINE_MAX_BYTES} bytes")
        if line != line.rstrip():
            fault(number, "white space at the end of the line")
        if not line.isprintable():
            fault(number, "a control character")
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            services.append(read_name(line, number, fault))
        elif not services:
            fault(number, "a field before the first section")
        else:
            read_field(services[-1], line, number, fault)
    return services


def read_name(line, number, fault):
    name = line[1:-1]
    if not line.endswith("]") or not NAME.fullmatch(name):
        fault(number, f"{line!r} is no section name")
    if len(name) > NAME_MAX_BYTES:
        fault(number, f"name is longer than {NAME_MAX_BYTES} bytes")
    return Service(name, number)


def read_field(service, line, number, fault):
    key, separator, value = line.partition(" = ")
    if not separator or key not in FIELDS or not value or value != value.strip() or "  " in value:
        return fault(number, f"{line!r} is no field (want: name, one space, =, one space, value)")
    if key in service.fields:
        return fault(number, f"{key} stands twice in [{service.name}]")
    if service.fields and FIELDS.index(key) < FIELDS.index(list(service.fields)[-1]):
        fault(number, f"{key} out of order (want: {' '.join(FIELDS)})")
    service.fields[key] = value


def is_domain(text, label):
    labels = text.split(".")
    if len(text) > 253 or len(labels) < 2 or not all(label.fullmatch(each) for each in labels):
        return False
    return not labels[-1].isdigit() and not (len(labels) == 2 and labels[0] in REGISTRY_LABELS and len(labels[1]) == 2)


def check_service(service, fault):
    def wrong(message):
        fault(service.line, f"[{service.name}] {message}")

    for field in REQUIRED:
        if field not in service.fields:
            wrong(f"{field} is missing")
    if not any(field in service.fields for field in EVIDENCE):
        wrong("none of " + ", ".join(EVIDENCE) + ": nothing could ever match")
    if service.fields.get("kind", KINDS[0]) not in KINDS:
        wrong(f"kind {service.fields['kind']!r} is none of {' '.join(KINDS)}")
    if service.fields.get("shared", "yes") not in ("yes", "no"):
        wrong("shared is neither yes nor no")
    repair = service.fields.get("repair", "")
    if len(repair) > REPAIR_MAX_BYTES:
        wrong(f"repair has {len(repair)} bytes, more than {REPAIR_MAX_BYTES}")
    if repair[:1].isupper() and not repair[:2].isupper() or repair.endswith("."):
        wrong("repair is part of a sentence: no capital at the start, no full stop at the end")
    for field in (*EVIDENCE, "include", "selectors"):
        check_values(service, field, wrong)


def check_values(service, field, wrong):
    values = service.values(field)
    if len(values) > VALUES_MAX:
        wrong(f"{field} has {len(values)} values, more than {VALUES_MAX}")
    if len(set(values)) != len(values):
        wrong(f"{field} repeats a value")
    for value in values:
        if field == "selectors":
            if not SELECTOR.fullmatch(value):
                wrong(f"{value!r} is no lower-case selector")
        elif not is_domain(value, LABEL_SPF if field == "include" else LABEL):
            wrong(f"{field}: {value!r} is no lower-case domain below a public suffix")
        elif field != "include" and any(value.endswith("." + other) for other in values):
            wrong(f"{field}: {value} is covered by its parent in the same line")


def check_order(services, fault):
    seen, previous = {}, (-1, "")
    for service in services:
        folded = service.name.casefold()
        if folded in seen:
            fault(service.line, f"[{service.name}] stands in line {seen[folded]} already")
        seen.setdefault(folded, service.line)
        kind = service.fields.get("kind")
        if kind not in KINDS:       # told already, and no place to compare with
            continue
        here = (KINDS.index(kind), folded)
        if here < previous:
            fault(service.line, f"[{service.name}] out of order (by kind as listed, then by name)")
        previous = max(previous, here)


def check_ambiguity(services, fault, note):
    """One piece of evidence names one service; a longer suffix may stand apart from a shorter one, the longest wins."""
    for field in (*EVIDENCE, "include", "selectors"):
        owner = {}
        for service in services:
            for value in service.values(field):
                if value not in owner:
                    owner[value] = service
                elif owner[value] is not service:
                    tell = fault if field in EVIDENCE else note
                    tell(service.line, f"{field}: {value} of [{service.name}] is also [{owner[value].name}]'s")
        for value, service in owner.items() if field in EVIDENCE else ():
            labels = value.split(".")
            for parent in (".".join(labels[i:]) for i in range(1, len(labels) - 1)):
                if parent in owner:
                    note(service.line,
                         f"{field}: {value} [{service.name}] stands apart from {parent} [{owner[parent].name}]")


def load_services(path):
    """The services, the faults (none may remain) and the notes, both as lines to print; OSError, UnicodeDecodeError."""
    faults, notes = [], []

    def fault(line, message):
        faults.append(f"{path.name}:{line}: {message}")

    def note(line, message):
        notes.append(f"{path.name}:{line}: note: {message}")

    services = read_services(path.read_bytes().decode("ascii"), fault)
    for service in services:
        check_service(service, fault)
    check_order(services, fault)
    check_ambiguity(services, fault, note)
    if not services:
        fault(1, "no service at all")
    return services, faults, notes
