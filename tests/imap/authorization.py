# SPDX-License-Identifier: Apache-2.0
"""A small OAuth 2.0 authorization server on loopback: it checks each field of each request, and answers as it is told."""
import base64
import hashlib
import http.server
import json
import os
import re
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse

CLIENT, SECRET, SCOPE = "client-of-dmarcctl", "s3cret/of&client=%", "https://example.com/.default"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CODE = "WDJB-MJHT"


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(raw):
    """As ASN.1 has it."""
    raw = raw.lstrip(b"\0") or b"\0"
    raw = b"\0" + raw if raw[0] & 0x80 else raw
    return bytes([2, len(raw)]) + raw


def verify(certificate, algorithm, signed, signature):
    """By the openssl of the machine, which is not what made it."""
    options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"] if algorithm == "PS256" else []
    if algorithm == "ES256":
        numbers = number(signature[:32]) + number(signature[32:])
        signature = bytes([0x30, len(numbers)]) + numbers
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("key", "signed", "signature")]
        key = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], stdout=subprocess.PIPE).stdout
        for path, content in zip(paths, (key, signed, signature)):
            with open(path, "wb") as f:
                f.write(content)
        done = subprocess.run(["openssl", "dgst", "-sha256", *options, "-verify", paths[0], "-signature", paths[2], paths[1]],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return algorithm in ("PS256", "ES256") and done.returncode == 0


class AuthorizationServer:
    """`steps` are taken one a request, then `last` for ever. A step is a status and an object, or bytes (which need be no
    JSON), or a function of (server, fields) that returns such a pair. What came stands in `requests`: path and fields.
    What was wrong with a request stands in `faults`; a test ends with none.

    certificate: a file of the client's, whose key proves it in place of the secret (RFC 7523). tls: the files of the
    server's own certificate and key.

    tokens: the access tokens given. refresh: the refresh token that is accepted; "" where none is. rotates: each use
    gives another one. lifetime: expires_in; None: not said. ahead: seconds by which its clock is ahead of ours."""

    def __init__(self, **options):
        self.requests, self.faults, self.steps, self.tokens = [], [], [], []
        self.refresh, self.rotates, self.lifetime, self.secret, self.scope = "refresh-0", False, 3600, SECRET, SCOPE
        self.certificate, self.tls, self.proofs = None, None, set()
        self.interval, self.expires_in, self.headers, self.stall, self.ahead = 1, 60, {}, None, 0
        self.__dict__.update(options)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                outer.answer(self)

            def do_GET(self):
                outer.faults.append("GET " + self.path)
                self.send_error(405)

            def date_time_string(self, timestamp=None):
                return super().date_time_string(time.time() + outer.ahead)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "%s://127.0.0.1:%d" % ("https" if self.tls else "http", self.server.server_address[1])
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    # --- what is asked ---

    def answer(self, handler):
        text = handler.rfile.read(int(handler.headers["Content-Length"])).decode()
        pairs = urllib.parse.parse_qsl(text, strict_parsing=True, keep_blank_values=True)
        fields = dict(pairs)
        self.expect(len(fields) == len(pairs), "a field came twice (RFC 6749 3.2)")
        self.expect(handler.headers["Content-Type"] == "application/x-www-form-urlencoded", "the content type")
        self.expect("Authorization" not in handler.headers, "one proof of the client, not two (RFC 6749 2.3)")
        self.expect("?" not in handler.path, "nothing stands in the URL")
        self.requests.append((handler.path, fields))
        in_time = self.check_client(fields)
        step = self.steps.pop(0) if self.steps else self.usual(handler.path)
        if not in_time:
            step = error("invalid_client", "Client assertion is not within its valid time range.", 401)
        if callable(step):
            step = step(self, fields)
        self.send(handler, *step)

    def expect(self, holds, what):
        if not holds:
            self.faults.append(what)
        return holds

    def check_client(self, fields):
        self.expect(fields.get("client_id") == CLIENT, "client_id: %r" % fields.get("client_id"))
        if self.certificate:
            return self.check_assertion(fields)
        self.expect(fields.get("client_secret") == self.secret, "client_secret: %r" % fields.get("client_secret"))
        return True

    def check_assertion(self, fields):
        """RFC 7523 3, as Microsoft wants it: each claim, the thumbprint, the signature, and none twice. Whether it is
        valid at this time, by the server's clock and without allowances."""
        token = fields.get("client_assertion", "")
        self.expect(fields.get("client_assertion_type") == ASSERTION, "client_assertion_type")
        if not self.expect(re.fullmatch(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", token), "the assertion: " + token):
            return False
        signed, signature = token.rsplit(".", 1)
        header, claims = (json.loads(decode(part)) for part in signed.split("."))
        with open(self.certificate) as f:
            der = ssl.PEM_cert_to_DER_cert(re.search("-----BEGIN CERT.*?-----END CERTIFICATE-----", f.read(), re.S)[0])
        thumbprint = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")
        self.expect(header == {"alg": header.get("alg"), "typ": "JWT", "x5t#S256": thumbprint}, "header: %r" % header)
        now, issued = time.time(), claims.get("iat", 0)
        self.expect(0 <= now - issued < 120 and claims == {
            "iss": CLIENT, "sub": CLIENT, "aud": self.url + "/token", "jti": claims.get("jti"), "iat": issued,
            "nbf": issued, "exp": issued + 600}, "claims: %r" % claims)
        self.expect(claims.get("jti") not in self.proofs and len(claims.get("jti", "")) >= 16, "a proof that came before")
        self.proofs.add(claims.get("jti"))
        self.expect(verify(self.certificate, header.get("alg"), signed.encode(), decode(signature)), "the signature")
        return claims.get("nbf", now + 1e9) <= now + self.ahead < claims.get("exp", 0)

    def expect_fields(self, fields, **values):
        proof = {"client_id": CLIENT, **({"client_secret": self.secret} if self.secret else {})}
        if self.certificate:
            proof = {"client_id": CLIENT, "client_assertion_type": ASSERTION, "client_assertion": fields["client_assertion"]}
        self.expect(fields == {**proof, **values}, "fields: %r" % fields)

    # --- what is answered ---

    def usual(self, path):
        return {"/token": AuthorizationServer.token, "/device": AuthorizationServer.device}.get(
            path, lambda server, fields: (404, b"nothing here"))

    def token(self, fields):
        grant = fields.get("grant_type")
        if grant == "client_credentials":
            self.expect_fields(fields, grant_type=grant, scope=self.scope)
            return self.success()
        if grant == "refresh_token":
            self.expect_fields(fields, grant_type=grant, refresh_token=fields.get("refresh_token", "(none)"))
            if not self.refresh or fields["refresh_token"] != self.refresh:
                return error("invalid_grant", "the refresh token %s is spent\r\nTrace ID: 1" % fields["refresh_token"])
            if not self.rotates:
                return self.success()
            kind, number = self.refresh.rsplit("-", 1)
            self.refresh = "%s-%d" % (kind, int(number) + 1)
            return self.success(refresh_token=self.refresh)
        if grant == "authorization_code":
            return self.authorization_code(fields)
        self.expect_fields(fields, grant_type=DEVICE_GRANT, device_code="device-secret-1")
        self.refresh = "refresh-100"
        return self.success(refresh_token=self.refresh)

    def authorize(self, url):
        """What a browser does with the address that login prints: where it is sent back to, and with which fields."""
        address, _, query = url.partition("?")
        pairs = urllib.parse.parse_qsl(query, strict_parsing=True)
        self.asked = dict(pairs)
        redirect = self.asked.get("redirect_uri", "")
        self.expect(address == self.url + "/authorize" and len(pairs) == len(self.asked), "the address")
        self.expect(re.fullmatch(r"http://127\.0\.0\.1:[1-9][0-9]*/", redirect), "redirect_uri: %r" % redirect)
        for name in ("state", "code_challenge"):
            self.expect(re.fullmatch(r"[A-Za-z0-9_-]{43}", self.asked.get(name, "")), name)
        expected = {"response_type": "code", "client_id": CLIENT, "scope": self.scope, "code_challenge_method": "S256",
                    "redirect_uri": redirect, "state": self.asked.get("state"), "hint": "x",
                    "code_challenge": self.asked.get("code_challenge")}
        self.expect(self.asked == expected, "fields: %r" % self.asked)
        return redirect, self.asked["state"]

    def authorization_code(self, fields):
        verifier = fields.get("code_verifier", "")
        self.expect_fields(fields, grant_type="authorization_code", code="code/secret 1", code_verifier=verifier,
                           redirect_uri=self.asked["redirect_uri"])
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        self.expect(digest == self.asked["code_challenge"], "the verifier is not the challenge's")
        self.refresh = "refresh-200"
        return self.success(refresh_token=self.refresh)

    def device(self, fields):
        self.expect_fields(fields, scope=self.scope)
        return 200, {"device_code": "device-secret-1", "user_code": CODE, "verification_uri": "https://example.com/device",
                     "expires_in": self.expires_in, "interval": self.interval}

    def success(self, **more):
        self.tokens.append("access-token-%d" % (len(self.tokens) + 1))
        lifetime = {} if self.lifetime is None else {"expires_in": self.lifetime}
        return 200, {"access_token": self.tokens[-1], "token_type": "Bearer", **lifetime, **more}

    def send(self, handler, status, body):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        try:
            if self.stall:  # the answer is decided, and half of it on its way
                handler.wfile.write(data[:len(data) // 2])
                handler.wfile.flush()
                self.stall.set()
                time.sleep(30)
            handler.wfile.write(data)
        except OSError:
            pass


def error(word, description=None, status=400):
    return status, {"error": word, **({"error_description": description} if description else {})}
