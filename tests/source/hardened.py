#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program has what hardens it: how the linker laid it out, and with which flags each of its files was compiled."""
import json
import os
import re
import shutil
import subprocess
import sys

binary, build = sys.argv[1:]
if not shutil.which("readelf"):
    print("1..0 # SKIP there is no readelf")
    sys.exit(0)


def readelf(*options):
    return subprocess.run(["readelf", "--wide", *options, binary], stdout=subprocess.PIPE, check=True, text=True,
                          env={**os.environ, "LC_ALL": "C"}).stdout


with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
    commands = [c["command"] for c in json.load(f) if "/tests/" not in c["output"] and not c["output"].startswith(("tests/", "bench/"))]
header, segments, dynamic, symbols = readelf("-h"), readelf("-l"), readelf("-d"), readelf("--dyn-syms")
optimizes = any(re.search(r" -O[1-3s] ", c) for c in commands)
CHECKS = {
    "it is loaded at an address that nobody knows": "DYN (" in header and "(FLAGS_1)" in dynamic and "PIE" in dynamic,
    "its tables of functions are resolved at once, and read-only from then on": "GNU_RELRO" in segments and "BIND_NOW" in dynamic,
    "its stack runs no code": re.search(r"GNU_STACK .* RW ", segments),
    "no segment is both written to and run": not re.search(r"LOAD .* RWE ", segments),
    "stacks are guarded": "__stack_chk_fail" in symbols,
    "writes by the C library are checked": not optimizes or re.search(r"__\w+_chk(@|\s)", symbols.replace("__stack_chk_fail", "")),
    "each file was compiled so that a stack cannot step over its guard": all("-fstack-clash-protection" in c for c in commands),
    "each has its variables zeroed": all("-ftrivial-auto-var-init=zero" in c for c in commands),
    "each has its writes checked": not optimizes or all("-D_FORTIFY_SOURCE=3" in c for c in commands),
}
for number, (sentence, holds) in enumerate(CHECKS.items(), 1):
    print("%s %d - %s" % ("ok" if holds else "not ok", number, sentence))
print("1..%d" % len(CHECKS))
sys.exit(0 if all(CHECKS.values()) else 1)
