"""Somebody who visits the shop: keeps cookies, reads forms and fills them in, follows redirects.

Each request opens a connection of its own, as a proxy does that keeps none to its upstream.
"""

import http.client
import itertools
import json
import ssl
import urllib.parse
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie

HOST = "shop.test"
_addresses = itertools.count(1)


def new_address() -> str:
    """An address of the internet that nobody had before (198.18.0.0/15 is for tests)."""
    number = next(_addresses)
    return f"198.{18 + number // 65536 % 2}.{number // 256 % 256}.{number % 256}"


@dataclass(frozen=True)
class Door:
    """How the shop is reached. Without TLS of its own the visitor plays the proxy that ends it."""

    connect: tuple[str, int]
    site: str = f"https://{HOST}"
    tls: ssl.SSLContext | None = None
    neighbours: dict[str, tuple[str, int]] = field(default_factory=dict)  # other origins: where they answer
    timeout: float = 30


@dataclass
class Answer:
    """What came back. ``url`` is the address after all redirects."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes
    url: str

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    def forms(self) -> list["Form"]:
        reader = _Forms()
        reader.feed(self.text)
        return reader.forms

    def form(self, ending: str) -> "Form":
        """The form whose action ends so."""
        found = [form for form in self.forms() if form.action.split("?")[0].endswith(ending)]
        assert found, (
            f"{self.url} ({self.status}) has no form for {ending}: {[each.action for each in self.forms()]}"
        )
        return found[0]


@dataclass
class Form:
    """A form of a page, filled in as the page has it."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        if self._form is None:
            return
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "input" and name:
            if kind in ("checkbox", "radio"):
                if "checked" in given:
                    self._form.fields[name] = given.get("value", "on")
            elif kind not in ("submit", "button", "file"):
                self._form.fields[name] = given.get("value") or ""
        elif tag == "textarea" and name:
            self._form.fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            is_first = self._select not in self._form.fields
            if is_first or "selected" in given:
                self._form.fields[self._select] = given.get("value") or ""

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""


@dataclass(frozen=True)
class Booking:
    """An order, as its buyer knows it."""

    url: str  # of its page
    is_confirmed: bool

    @property
    def code(self) -> str:
        return self.url.split("/orders/")[1].split("/")[0]


class Visitor:
    """One browser. ``address`` is where on the internet it is; limits of the shop are counted by it."""

    def __init__(self, door: Door, address: str = "") -> None:
        self.door = door
        self.address = address or new_address()
        self.cookies: dict[str, dict[str, str]] = {}
        self.set_cookies: list[str] = []  # as they came, with their attributes
        self.origin = ""  # whose form this browser sends; empty: the site's own
        self.claims: dict[str, str] = {}  # headers that this browser makes up

    def get(self, url: str, *, follows: bool = True) -> Answer:
        return self._go("GET", url, None, follows)

    def post(self, url: str, data: dict[str, str], *, follows: bool = True) -> Answer:
        return self._go("POST", url, urllib.parse.urlencode(data), follows)

    def submit(self, page: Answer, ending: str, *, follows: bool = True, **changes: str) -> Answer:
        """Send a form of the page, with changes."""
        form = page.form(ending)
        data = {name: value for name, value in (form.fields | changes).items() if value is not None}
        return self.post(urllib.parse.urljoin(page.url, form.action or page.url), data, follows=follows)

    def upload(self, page: Answer, ending: str, field_name: str, file_name: str, content: bytes) -> Answer:
        """Send a form of the page with a file."""
        form = page.form(ending)
        mark = "------------------------rehearsal"
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in form.fields.items()
        ]
        head = f'Content-Disposition: form-data; name="{field_name}"; filename="{file_name}"'
        parts.append(f"--{mark}\r\n{head}\r\nContent-Type: image/png\r\n\r\n".encode() + content + b"\r\n")
        body = b"".join(parts) + f"--{mark}--\r\n".encode()
        url = urllib.parse.urljoin(page.url, form.action or page.url)
        return self.request("POST", url, body, page.url, f"multipart/form-data; boundary={mark}")

    def call(self, method: str, path: str, token: str, data: dict | None = None) -> Answer:
        """A program's call of an API."""
        body = None if data is None else json.dumps(data)
        return self.request(
            method, urllib.parse.urljoin(self.door.site, path), body, "", "application/json", token
        )

    def _go(self, method: str, url: str, body: str | None, follows: bool) -> Answer:
        url = urllib.parse.urljoin(self.door.site, url)
        came_from = url
        for _ in range(10):
            answer = self.request(method, url, body, came_from)
            if not (follows and answer.status in (301, 302, 303, 307) and answer.headers["Location"]):
                return answer
            came_from, url = url, urllib.parse.urljoin(url, answer.headers["Location"])
            if answer.status in (301, 302, 303):
                method, body = "GET", None
        raise AssertionError(f"{url} redirects for ever")

    def request(
        self,
        method: str,
        url: str,
        body: str | bytes | None = None,
        came_from: str = "",
        content_type: str = "application/x-www-form-urlencoded",
        token: str = "",
    ) -> Answer:
        """One request, without following anything. Raises ``OSError`` or ``HTTPException`` when it fails."""
        parts = urllib.parse.urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        headers = {"Host": parts.netloc, "Connection": "close", "User-Agent": "visitor", **self.claims}
        if origin == self.door.site:
            host, port = self.door.connect
            if not self.door.tls:
                headers |= {"X-Forwarded-Proto": "https", "X-Forwarded-For": self.address}
        else:
            host, port = self.door.neighbours[origin]
        if body is not None:
            headers |= {"Content-Type": content_type, "Origin": self.origin or origin}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if came_from:
            headers["Referer"] = came_from
        if jar := self.cookies.get(parts.netloc):
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        connection = http.client.HTTPConnection(host, port, timeout=self.door.timeout)
        if self.door.tls and origin == self.door.site:
            connection = _NamedHTTPS(host, port, parts.hostname, self.door.tls, self.door.timeout)
        try:
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, path or "/", body, headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read(), url)
        finally:
            connection.close()
        self._remember(parts.netloc, answer)
        return answer

    def _remember(self, netloc: str, answer: Answer) -> None:
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.set_cookies.append(line)
            jar = self.cookies.setdefault(netloc, {})
            for name, morsel in SimpleCookie(line).items():
                if morsel.value and morsel["max-age"] != "0":
                    jar[name] = morsel.coded_value
                else:
                    jar.pop(name, None)

    # What people do

    def sign_in(self, email: str, password: str) -> Answer:
        page = self.get("/account/login/")
        return self.submit(page, "/account/login/", login=email, password=password)

    def reserve(self, slug: str, places: int = 1) -> Answer:
        """Put places into the cart; gives the cart's page, or the session's when there are none left."""
        return self.submit(self.get(f"/sessions/{slug}/"), "/cart/add/", quantity=str(places))

    def check_out(self, email: str, **changes: str) -> Answer:
        """Order what is in the cart, to be paid by card; gives the page on which to pay."""
        page = self.get("/checkout/")
        filled = {
            "email": email,
            "first_name": "Ana",
            "last_name": "Keller",
            "street": "Baumweg 3",
            "postcode": "8004",
            "city": "Zürich",
            "country": "CH",
            "provider": "stripe",
            "terms": "on",
        }
        for name in page.form("/checkout/").fields:
            if name.startswith("first_name_"):
                filled[name] = "Jon"
            elif name.startswith("last_name_"):
                filled[name] = "Bär"
        return self.submit(page, "/checkout/", **{**filled, "is_coming": None}, **changes)

    def pay(self, page: Answer) -> Booking:
        """Pay on the stand-in's page, with a card that is good."""
        answer = self.submit(page, "/pay")
        assert "/orders/" in answer.url, f"{answer.status} {answer.url}\n{answer.text[:2000]}"
        url = answer.url.split("?")[0].removesuffix("return/")
        return Booking(url, "You are booked" in answer.text or "is confirmed" in answer.text)

    def book(self, slug: str, email: str, places: int = 1) -> Booking:
        """The whole way: reserve, order, pay."""
        self.reserve(slug, places)
        return self.pay(self.check_out(email))


class _NamedHTTPS(http.client.HTTPSConnection):
    """Connects to an address and asks for a name: what DNS would do for a browser."""

    def __init__(self, host, port, name, context, timeout):
        super().__init__(host, port, timeout=timeout, context=context)
        self._name = name

    def connect(self):
        http.client.HTTPConnection.connect(self)
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self._name)
