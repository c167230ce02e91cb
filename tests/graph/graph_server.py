# SPDX-License-Identifier: Apache-2.0
"""A small Microsoft Graph on loopback, after its documentation: folders, lists of changes, the bytes of mails, moving,
flagging and deleting; and what goes wrong there, on request."""
import http.server
import json
import re
import threading
import time
import urllib.parse

TOKEN = "token-of-dmarcctl"
USER = "dmarc@example.com"


class Cut(Exception):
    pass


class GraphServer:
    """folders: id -> (name, parent). mails: id -> [folder, bytes, came, flags]; an id stays when its mail moves.

    Each request is logged as "METHOD path?query", decoded, without the prefix of the user. faults: what was wrong with
    one; a test ends with none. hook: (server, method, path) -> (status, object or bytes, headers) in place of the answer,
    or None. page: mails of a page. tokens: those that are taken. lax: a mail is found by its id, whatever folder is named."""

    def __init__(self, mails=(), **options):
        self.folders = {"F-inbox": ("Inbox", None), "F-archive": ("Archive", None)}
        self.mails, self.log, self.faults, self.changes = {}, [], [], []
        self.page, self.tokens, self.hook, self.known = 2, {TOKEN}, None, {"inbox": "F-inbox", "archive": "F-archive"}
        self.forgotten, self.user, self.after_act, self.lax = 0, USER, None, False
        self.__dict__.update(options)
        for mail in mails:
            self.add(mail)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                outer.serve(self)

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = handle_any

            def log_message(self, *args):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # a client that was killed

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.origin = "http://127.0.0.1:%d" % self.server.server_address[1]
        self.base = self.origin + "/v1.0"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    # --- what lies there ---

    def add(self, mail, folder="F-inbox", came="2026-10-01T00:00:00Z"):
        number = len([c for c in self.changes if c[0] == "new"]) + 1
        name = "AAkALg/+%d==" % number
        self.mails[name] = [folder, mail, came, {}]
        self.changes.append(("new", name, folder))
        return name

    def remove(self, name):
        folder = self.mails.pop(name)[0]
        self.changes.append(("gone", name, folder))

    def move(self, name, folder):
        self.changes.append(("gone", name, self.mails[name][0]))
        self.changes += [("gone", name, self.mails[name][0]), ("new", name, folder)]
        self.mails[name][0] = folder

    def names(self, folder="F-inbox"):
        return [name for name, mail in self.mails.items() if mail[0] == folder]

    def folder_named(self, name):
        return next((i for i, (shown, _) in self.folders.items() if shown == name), None)

    # --- answers ---

    def refuse(self, status, code, message="no", **headers):
        return status, {"error": {"code": code, "message": message, "innerError": {"request-id": "1"}}}, headers

    def serve(self, handler):
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length) if length else b""
        try:
            status, answer, headers = self.answer(handler, body)
        except Cut:
            handler.close_connection = True
            handler.connection.close()
            return
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode() if answer is not None else b""
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), str(value))
        if "Content-Length" not in headers and "Content_Length" not in headers:
            handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def answer(self, handler, body):
        url = urllib.parse.urlsplit(handler.path)
        prefix = "/v1.0/users/%s/" % urllib.parse.quote(self.user, safe="")
        if not url.path.startswith(prefix):
            self.faults.append("path: " + handler.path)
            return self.refuse(404, "Request_ResourceNotFound")
        path = [urllib.parse.unquote(part) for part in url.path[len(prefix):].split("/")]
        query = dict(urllib.parse.parse_qsl(url.query))
        shown = "%s %s%s" % (handler.command, "/".join(path), "?" + urllib.parse.unquote(url.query) if url.query else "")
        self.log.append(shown)
        self.expect('IdType="ImmutableId"' in (handler.headers.get("Prefer") or ""), "immutable ids: " + shown)
        self.expect(not body or handler.headers.get("Content-Type") == "application/json", "content type: " + shown)
        if self.hook:
            answer = self.hook(self, handler.command, shown)
            if answer:
                return answer
        if (handler.headers.get("Authorization") or "").replace("Bearer ", "", 1) not in self.tokens:
            return self.refuse(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        answer = self.perform(handler.command, path, query, json.loads(body) if body else None)
        if self.after_act and handler.command != "GET":
            self.after_act(self, shown)
        return answer

    def expect(self, holds, what):
        if not holds:
            self.faults.append(what)

    def perform(self, method, path, query, body):
        if path[0] != "mailFolders":
            self.faults.append("path: " + "/".join(path))
            return self.refuse(400, "BadRequest")
        if len(path) == 1:
            return self.children(method, None, query, body)
        folder = self.known.get(path[1], path[1])
        if folder not in self.folders:
            return self.refuse(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        if len(path) == 2:
            return 200, {"id": folder, "displayName": self.folders[folder][0]}, {}
        if path[2] == "childFolders":
            return self.children(method, folder, query, body)
        if path[3] == "delta":
            return self.delta(folder, query)
        # An id of a mail may hold a "/", which came encoded and is decoded by now.
        rest = "/".join(path[3:])
        name = next((n for n in sorted(self.mails, key=len, reverse=True) if rest == n or rest.startswith(n + "/")), None)
        if name is None or (self.mails[name][0] != folder and not self.lax):
            return self.refuse(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        return self.mail(method, name, rest[len(name):], body)

    def children(self, method, parent, query, body):
        if method == "POST":
            if any(f == (body["displayName"], parent) for f in self.folders.values()):
                return self.refuse(409, "ErrorFolderExists")
            name = "F-%d" % len(self.folders)
            self.folders[name] = (body["displayName"], parent)
            return 201, {"id": name, "displayName": body["displayName"]}, {}
        wanted = re.fullmatch(r"displayName eq '(.*)'", query["$filter"]).group(1).replace("''", "'")
        return 200, {"value": [{"id": i, "displayName": shown} for i, (shown, above) in self.folders.items()
                               if shown == wanted and above == parent]}, {}

    def delta(self, folder, query):
        """The token says from which change on; the first list is made of what lies there."""
        token = query.get("$deltatoken") or query.get("$skiptoken")
        if token and token.startswith("changes") and int(token.split("-")[1]) < self.forgotten:
            return self.refuse(410, "SyncStateNotFound", "The sync state generation is not found.")
        kind, begin, end = token.split("-") if token else ("all", "0", str(len(self.changes)))
        if kind == "changes":
            kind, end = "since", str(len(self.changes))
        if kind == "all":
            items = [{"id": n, "receivedDateTime": self.mails[n][2]} for n in self.names(folder)]
            items = items[int(begin):]
        else:
            items = []
            for what, name, where in self.changes[int(begin):int(end)]:
                if where == folder:
                    items.append({"id": name, "receivedDateTime": self.mails.get(name, [0, 0, "2026-10-01T00:00:00Z"])[2]}
                                 if what == "new" else {"id": name, "@removed": {"reason": "deleted"}})
        given = items[:self.page]
        link = "%s/users/%s/mailFolders/%s/messages/delta?" % (self.base, urllib.parse.quote(self.user, safe=""), folder)
        answer = {"@odata.context": self.base + "/$metadata", "value": given}
        if len(items) > len(given):
            if kind == "all":
                answer["@odata.nextLink"] = link + "$skiptoken=all-%d-%s" % (int(begin) + len(given), end)
            else:
                seen = [i for i, c in enumerate(self.changes) if int(begin) <= i and c[2] == folder][len(given) - 1]
                answer["@odata.nextLink"] = link + "$skiptoken=since-%d-%s" % (seen + 1, end)
        else:
            answer["@odata.deltaLink"] = link + "$deltatoken=changes-%s-0" % end
        return 200, answer, {}

    def mail(self, method, name, rest, body):
        if method == "GET" and rest == "/$value":
            return 200, self.mails[name][1], {"Content-Type": "text/plain"}
        if method == "GET" and not rest:
            return 200, {"id": name}, {}
        if method == "POST" and rest == "/move":
            target = self.known.get(body["destinationId"], body["destinationId"])
            if target not in self.folders:
                return self.refuse(404, "ErrorItemNotFound")
            self.move(name, target)
            return 201, {"id": name}, {}
        if method == "PATCH" and not rest:
            self.mails[name][3].update(body)
            self.changes.append(("new", name, self.mails[name][0]))
            return 200, {"id": name}, {}
        if method == "DELETE" and not rest:
            self.remove(name)
            return 204, None, {}
        self.faults.append("%s %s" % (method, rest))
        return self.refuse(400, "BadRequest")
