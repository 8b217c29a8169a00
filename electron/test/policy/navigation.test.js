"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const {
  externalAddress,
  judgeNavigation,
  judgeWindowOpen,
} = require("../../lib/policy/navigation");

const ORIGIN = "http://127.0.0.1:8137";

/** @type {[string, string, string, string][]} address, in the main frame, in a frame, new window */
const CASES = [
  // The application itself, in every way of writing it that Chromium takes for the same.
  ["http://127.0.0.1:8137/", "allow", "allow", "inside"],
  ["http://127.0.0.1:8137", "allow", "allow", "inside"],
  ["http://127.0.0.1:8137/notes/1/?a=b#c", "allow", "allow", "inside"],
  ["HTTP://127.0.0.1:8137/", "allow", "allow", "inside"],
  ["  http://127.0.0.1:8137/\n", "allow", "allow", "inside"],
  ["ht\ttp://127.0.0.1:8137/", "allow", "allow", "inside"],
  ["http:\\\\127.0.0.1:8137\\notes", "allow", "allow", "inside"],
  ["http://127.0.0.1:08137/", "allow", "allow", "inside"],
  ["http://127.0.0.1.:8137/", "allow", "allow", "inside"],
  ["http://127.1:8137/", "allow", "allow", "inside"],
  ["http://2130706433:8137/", "allow", "allow", "inside"],
  ["http://0x7f.0.0.1:8137/", "allow", "allow", "inside"],
  ["http://１２７.0.0.1:8137/", "allow", "allow", "inside"],
  ["http://%31%32%37.0.0.1:8137/", "allow", "allow", "inside"],
  ["http://127.0.0.1:8137\\@example.com/", "allow", "allow", "inside"],
  ["http://127.0.0.1:8137/@example.com/", "allow", "allow", "inside"],
  ["blob:http://127.0.0.1:8137/5a0c3a0e-0d0f-4e57-8a4f-111111111111", "allow", "allow", "inside"],
  // Nearly the application: another origin, which may be anybody's.
  ["https://127.0.0.1:8137/", "browser", "deny", "browser"],
  ["http://127.0.0.1:8138/", "browser", "deny", "browser"],
  ["http://127.0.0.1:81370/", "deny", "deny", "deny"],
  ["http://127.0.0.1/", "browser", "deny", "browser"],
  ["http://127.0.0.1:80/", "browser", "deny", "browser"],
  ["http://localhost:8137/", "browser", "deny", "browser"],
  ["http://[::1]:8137/", "browser", "deny", "browser"],
  ["http://[::ffff:127.0.0.1]:8137/", "browser", "deny", "browser"],
  ["http://127.0.0.2:8137/", "browser", "deny", "browser"],
  ["http://0.0.0.0:8137/", "browser", "deny", "browser"],
  ["http://127.0.0.1.example.com:8137/", "browser", "deny", "browser"],
  ["http://127.0.0.1:8137.example.com/", "deny", "deny", "deny"],
  ["http://example.com/http://127.0.0.1:8137/", "browser", "deny", "browser"],
  ["http://example.com#http://127.0.0.1:8137/", "browser", "deny", "browser"],
  ["ws://127.0.0.1:8137/", "deny", "deny", "deny"],
  ["ftp://127.0.0.1:8137/", "deny", "deny", "deny"],
  // A user name or a password hides where an address leads, or logs in unasked.
  ["http://127.0.0.1:8137@example.com/", "deny", "deny", "deny"],
  ["http://127.0.0.1:8137%2F@example.com/", "deny", "deny", "deny"],
  ["http://user@127.0.0.1:8137/", "deny", "deny", "deny"],
  ["http://user:secret@127.0.0.1:8137/", "deny", "deny", "deny"],
  ["https://user:secret@example.com/", "deny", "deny", "deny"],
  ["https://:secret@example.com/", "deny", "deny", "deny"],
  // Elsewhere.
  ["https://example.com/", "browser", "deny", "browser"],
  ["http://example.com/", "browser", "deny", "browser"],
  ["HTTPS://EXAMPLE.COM/", "browser", "deny", "browser"],
  ["https://example.com./", "browser", "deny", "browser"],
  ["https://bücher.example/", "browser", "deny", "browser"],
  ["https://xn--bcher-kva.example/", "browser", "deny", "browser"],
  ["https://раура1.com/", "browser", "deny", "browser"],
  ["https:example.com", "browser", "deny", "browser"],
  ["mailto:someone@example.com", "mail", "deny", "mail"],
  ["MAILTO:someone@example.com?subject=Hello%20there", "mail", "deny", "mail"],
  ["mailto:?to=someone@example.com&body=attach", "mail", "deny", "mail"],
  ["mailto:a@example.com?attach=/etc/passwd", "deny", "deny", "deny"],
  ["mailto:a@example.com?subject=x&ATTACHMENT=~/.ssh/id_ed25519", "deny", "deny", "deny"],
  ["mailto:a@example.com?%61ttach=C:%5Csecret.txt", "deny", "deny", "deny"],
  // What is no page of anybody's, or runs something.
  ["javascript:alert(1)", "deny", "deny", "deny"],
  ["JaVaScRiPt:alert(1)", "deny", "deny", "deny"],
  ["java\nscript:alert(1)", "deny", "deny", "deny"],
  ["data:text/html,<script>alert(1)</script>", "deny", "deny", "deny"],
  ["vbscript:msgbox(1)", "deny", "deny", "deny"],
  ["file:///etc/passwd", "deny", "deny", "deny"],
  ["file://server/share/x.exe", "deny", "deny", "deny"],
  ["file:///C:/Windows/System32/calc.exe", "deny", "deny", "deny"],
  ["\\\\server\\share\\x.exe", "deny", "deny", "deny"],
  ["smb://server/share", "deny", "deny", "deny"],
  ["ms-msdt:/id PCWDiagnostic", "deny", "deny", "deny"],
  ["search-ms:query=x&crumb=location:\\\\server", "deny", "deny", "deny"],
  ["tel:+431234", "deny", "deny", "deny"],
  ["intent://x#Intent;end", "deny", "deny", "deny"],
  ["view-source:http://127.0.0.1:8137/", "deny", "deny", "deny"],
  ["chrome://gpu/", "deny", "deny", "deny"],
  ["devtools://devtools/bundled/inspector.html", "deny", "deny", "deny"],
  ["chrome-extension://abc/x.html", "deny", "deny", "deny"],
  ["djdesk://shell/failure.html", "deny", "deny", "deny"],
  ["filesystem:http://127.0.0.1:8137/temporary/x", "deny", "deny", "deny"],
  ["blob:http://127.0.0.1:8138/5a0c3a0e", "deny", "deny", "deny"],
  ["blob:https://127.0.0.1:8137/5a0c3a0e", "deny", "deny", "deny"],
  ["blob:http://user@127.0.0.1:8137/5a0c3a0e", "deny", "deny", "deny"],
  ["blob:null/5a0c3a0e", "deny", "deny", "deny"],
  ["blob:blob:http://127.0.0.1:8137/5a0c3a0e", "deny", "deny", "deny"],
  // Documents without a server: a page may have them inside itself, but not become one.
  ["about:blank", "deny", "allow", "inside"],
  ["about:blank#part", "deny", "allow", "inside"],
  ["about:srcdoc", "deny", "allow", "deny"],
  ["about:config", "deny", "deny", "deny"],
  ["About:Blank", "deny", "deny", "deny"],
  // No address.
  ["", "deny", "deny", "inside"],
  ["/notes/", "deny", "deny", "deny"],
  ["notes", "deny", "deny", "deny"],
  ["//example.com/", "deny", "deny", "deny"],
  ["http://", "deny", "deny", "deny"],
  ["https://exa mple.com/", "deny", "deny", "deny"],
  ["https://example.com:99999/", "deny", "deny", "deny"],
  ["https://[::1/", "deny", "deny", "deny"],
  ["http://\u0000/", "deny", "deny", "deny"],
];

for (const [url, mainFrame, frame, opened] of CASES) {
  test(`${JSON.stringify(url)}: ${mainFrame}, in a frame ${frame}, opened ${opened}`, () => {
    assert.equal(judgeNavigation({ url, origin: ORIGIN, mainFrame: true }), mainFrame);
    assert.equal(judgeNavigation({ url, origin: ORIGIN, mainFrame: false }), frame);
    assert.equal(judgeWindowOpen(url, ORIGIN), opened);
  });
}

for (const [url, mainFrame, , opened] of CASES) {
  test(`without a server nothing is inside: ${JSON.stringify(url)}`, () => {
    const verdict = judgeNavigation({ url, origin: null, mainFrame: true });
    assert.notEqual(verdict, "allow");
    if (mainFrame !== "allow") {
      assert.equal(verdict, mainFrame);
    }
    if (opened === "inside" && url.startsWith("http")) {
      assert.equal(judgeWindowOpen(url, null), "browser");
    }
  });
}

/** @type {[string, string, boolean][]} origin, address, whether it is the same */
const ORIGINS = [
  ["http://127.0.0.1", "http://127.0.0.1:80/", true],
  ["http://127.0.0.1:80", "http://127.0.0.1/", true],
  ["http://127.0.0.1:8137/", "http://127.0.0.1:8137/x", true],
  ["https://127.0.0.1:8137", "https://127.0.0.1:8137/", false],
  ["null", "http://127.0.0.1:8137/", false],
  ["", "http://127.0.0.1:8137/", false],
  ["blob:http://127.0.0.1:8137/x", "http://127.0.0.1:8137/", false],
];

for (const [origin, url, same] of ORIGINS) {
  test(`the origin ${JSON.stringify(origin)} and ${url}`, () => {
    const verdict = judgeNavigation({ url, origin, mainFrame: true });
    assert.equal(verdict === "allow", same);
  });
}

test("what is no text is no address", () => {
  for (const url of [undefined, null, 7, {}, ["http://127.0.0.1:8137/"]]) {
    const navigation = { url: /** @type {any} */ (url), origin: ORIGIN, mainFrame: true };
    assert.equal(judgeNavigation(navigation), "deny");
    assert.equal(judgeWindowOpen(/** @type {any} */ (url), ORIGIN), "deny");
  }
});

/** @type {[string, string | null][]} */
const EXTERNAL = [
  ["HTTPS://Example.COM/ü?q= x", "https://example.com/%C3%BC?q=%20x"],
  ["https://example.com\\..\\x", "https://example.com/x"],
  ["ht\ntps://example.com/\n", "https://example.com/"],
  ["https://bücher.example/", "https://xn--bcher-kva.example/"],
  ["mailto:someone@example.com", "mailto:someone@example.com"],
  ["mailto:a@example.com?attach=/etc/passwd", null],
  ["https://user@example.com/", null],
  ["file:///etc/passwd", null],
  ["javascript:alert(1)", null],
  ["calc.exe", null],
];

for (const [url, handed] of EXTERNAL) {
  test(`the system is handed ${handed} for ${JSON.stringify(url)}`, () => {
    assert.equal(externalAddress(url), handed);
  });
}
