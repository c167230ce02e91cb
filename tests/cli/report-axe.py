#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pages of 'dmarcctl report', looked over by axe-core for what shuts people out: nothing, by day, by night and on a telephone.

axe-core is no part of the repository: DMARCCTL_AXE names its axe.min.js, or npm fetches it, or the test is skipped."""
import os
import shutil
import subprocess
import tarfile

from browser import Browser, Missing
from harness import SAMPLE, Suite

AXE = "axe-core@4.10.2"
FETCH_S = 60
FOUND = """axe.run({resultTypes: ["violations"]}).then(found => found.violations.map(
  v => [v.id, v.impact, v.nodes.length, v.nodes[0].html.slice(0, 120)]))"""
suite = Suite()


def fetch_axe():
    """Its text, or why it is not to be had."""
    named = os.environ.get("DMARCCTL_AXE")
    if named:
        with open(named) as file:
            return file.read()
    if not shutil.which("npm"):
        raise Missing("npm is not installed")
    try:
        subprocess.run(["npm", "pack", AXE, "--silent"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=FETCH_S,
                       check=True)
        with tarfile.open(next(n for n in os.listdir(".") if n.endswith(".tgz"))) as package:
            return package.extractfile("package/axe.min.js").read().decode()
    except (OSError, subprocess.SubprocessError, StopIteration, tarfile.TarError) as error:
        raise Missing("npm does not fetch %s: %s" % (AXE, type(error).__name__)) from None


def look_over(browser, axe, what, path):
    for width, scheme in ((1280, "light"), (1280, "dark"), (390, "light")):
        browser.look(width, scheme)
        browser.open(path)
        browser.evaluate(axe + "\n;0")
        suite.equal("%s: axe-core finds nothing, %d px, %s" % (what, width, scheme), browser.evaluate(FOUND), [])


def run(browser, axe):
    as_of = ("--db", "t.db", "--as-of", "2026-10-31")
    suite.run("import", "--quiet", "--db", "t.db", SAMPLE)
    suite.run("report", *as_of, "example.com", "--output", "one.html")
    suite.run("report", *as_of, "--output", "all.html")
    suite.run("report", *as_of, "--output", "folder/")
    look_over(browser, axe, "one domain", "one.html")
    look_over(browser, axe, "all domains", "all.html")
    look_over(browser, axe, "an index", "folder/index.html")


try:
    axe, chromium = fetch_axe(), Browser()
except Missing as reason:
    print("ok 1 - pages looked over by axe-core # SKIP %s" % reason)
    suite.checks = 1
    suite.finish()
try:
    run(chromium, axe)
finally:
    chromium.close()
suite.finish()
