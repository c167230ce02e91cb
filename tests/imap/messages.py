# SPDX-License-Identifier: Apache-2.0
"""Mails as reporters send them, and as they do not."""
import email.message
import gzip
import io
import os
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from harness import record, report  # noqa: E402


def zipped(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(name, content)
    return out.getvalue()


def mail(subject, attachment=None, kind="gzip", text="A report is attached.\n", pad=0,
         name="receiver.example.net!example.com!1790812800!1790899199"):
    m = email.message.EmailMessage()
    m["From"], m["To"], m["Subject"] = "noreply@receiver.example.net", "dmarc@example.com", subject
    m["Date"], m["Message-ID"] = "Thu, 01 Oct 2026 00:00:00 +0000", "<%s@receiver.example.net>" % subject.replace(" ",
                                                                                                                  ".")
    m.set_content(text)
    if attachment is not None:
        if kind == "gzip":
            m.add_attachment(gzip.compress(attachment, mtime=0), "application", "gzip", filename=name + ".xml.gz")
        elif kind == "zip":
            m.add_attachment(zipped(name + ".xml", attachment), "application", "zip", filename=name + ".zip")
        else:
            m.add_attachment(attachment, "text", "xml", filename=name + ".xml")
    if pad:
        m.add_attachment(os.urandom(pad), "application", "octet-stream", filename="picture.png")
    return m.as_bytes(policy=m.policy.clone(linesep="\r\n"))


def wrapped(name, content):
    """A file as a mail's attachment, byte for byte."""
    m = email.message.EmailMessage()
    m["From"], m["To"], m["Subject"] = "noreply@receiver.example.net", "dmarc@example.com", "a report"
    m.set_content("A report is attached.\n")
    m.add_attachment(content, "application", "octet-stream", filename=name)
    return m.as_bytes(policy=m.policy.clone(linesep="\r\n"))


def report_mail(number, kind="gzip", prefix="report", **more):
    return mail("%s %d" % (prefix, number), report("%s-%d" % (prefix, number)), kind, **more)


def plain_mail(subject="Lunch"):
    return mail(subject, text="At noon?\n")


def damaged_mail(number, prefix="damaged"):
    """A report of three records that was cut off inside the last one, packed as a whole."""
    name = "%s-%d" % (prefix, number)
    return mail("%s %d" % (prefix, number), report(name, record() * 3)[:-150], "gzip")


def dateless_mail(number, prefix="dateless"):
    """A whole report of a period that nobody can read, in a file whose name has none either."""
    return mail("%s %d" % (prefix, number), report("%s-%d" % (prefix, number), begin="then", end="now"), name="report")


def broken_mail(subject="broken"):
    return mail(subject, b"<feedback><report_metadata><org_name>x</org_name></feedback", "gzip")
