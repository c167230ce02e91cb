#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes small databases in the MaxMind DB format, version 2.0, for tests: make_mmdb.py LAYOUT FILE.

The format: a binary search tree over the bits of addresses (24-bit records here), 16 zero bytes, a section of typed data,
and the metadata behind a marker. IPv4 addresses lie in the IPv6 tree under ::/96.
"""
import ipaddress
import struct
import sys

MARKER = b"\xab\xcd\xefMaxMind.com"

# What each layout says of the networks; every name is made up.
NETWORKS = [
    ("192.0.2.0/24", 64500, "Example Networks", "DE"),
    ("198.51.100.0/25", 64501, "Example Hosting, Inc. \x1b[31m", "US"),
    ("2001:db8:5::/48", 64502, "\u00c9xample R\u00e9seau", "FR"),
    ("203.0.113.0/24", 4200000001, None, None),
]
LAYOUTS = {
    "geolite": lambda number, name, country: {"autonomous_system_number": U32(number),
                                              "autonomous_system_organization": name},
    "flat": lambda number, name, country: {"asn": "AS%d" % number, "as_name": name, "country_code": country,
                                           "country": "A Country in Words"},
    "country": lambda number, name, country: {"country": {"iso_code": country, "geoname_id": U32(1)}},
}


class U16(int):
    KIND = 5


class U32(int):
    KIND = 6


class U64(int):
    KIND = 9


def encode(value):
    def head(kind, size):
        first = (kind << 5 if kind < 8 else 0)
        extra = b"" if kind < 8 else bytes([kind - 7])
        if size < 29:
            return bytes([first | size]) + extra
        return bytes([first | 29]) + extra + bytes([size - 29])

    if isinstance(value, str):
        raw = value.encode()
        return head(2, len(raw)) + raw
    if isinstance(value, int):
        raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
        return head(value.KIND, len(raw)) + raw
    if isinstance(value, list):
        return head(11, len(value)) + b"".join(encode(v) for v in value)
    pairs = {k: v for k, v in value.items() if v is not None}
    return head(7, len(pairs)) + b"".join(encode(k) + encode(v) for k, v in pairs.items())


def bits_of(network):
    network = ipaddress.ip_network(network)
    if network.version == 4:
        number, length = int(network.network_address), network.prefixlen + 96
    else:
        number, length = int(network.network_address), network.prefixlen
    return [number >> (127 - i) & 1 for i in range(length)]


def build(layout):
    nodes, data, leaves = [[None, None]], b"", {}
    for network, *values in NETWORKS:
        offset, data = len(data), data + encode(LAYOUTS[layout](*values))
        bits, node = bits_of(network), 0
        for bit in bits[:-1]:
            if nodes[node][bit] is None:
                nodes.append([None, None])
                nodes[node][bit] = len(nodes) - 1
            node = nodes[node][bit]
        leaves[node, bits[-1]] = offset
    count, tree = len(nodes), b""
    for i, children in enumerate(nodes):
        for side in (0, 1):
            record = children[side]
            if record is None:
                record = count + 16 + leaves[i, side] if (i, side) in leaves else count
            tree += struct.pack(">I", record)[1:]
    metadata = {"binary_format_major_version": U16(2), "binary_format_minor_version": U16(0),
                "build_epoch": U64(1790812800),
                "database_type": "Test-" + layout, "description": {"en": "made up"}, "ip_version": U16(6),
                "languages": ["en"], "node_count": U32(count), "record_size": U16(24)}
    return tree + bytes(16) + data + MARKER + encode(metadata)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in LAYOUTS:
        sys.exit("usage: make_mmdb.py %s FILE" % "|".join(LAYOUTS))
    with open(sys.argv[2], "wb") as out:
        out.write(build(sys.argv[1]))
