import assert from "node:assert/strict";
import { test } from "node:test";
import { html, renderPage } from "./html.ts";

test("Every interpolated text is escaped, in elements and in quoted attributes", () => {
  const hostile = `"><script>alert('1')</script>&\``;
  const text = html`<p title="${hostile}">${hostile}</p>`.toString();
  const escaped = "&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&#96;";
  assert.equal(text, `<p title="${escaped}">${escaped}</p>`);
});

test("Markup made by the template passes through, and lists are joined", () => {
  const rows = ["a", "<b>"].map((name) => html`<li>${name}</li>`);
  assert.equal(html`<ul>${rows}</ul>`.toString(), "<ul><li>a</li><li>&lt;b&gt;</li></ul>");
});

test("Nothing is written for null, undefined and false, and zero is a number", () => {
  assert.equal(html`[${null}${undefined}${false}${0}]`.toString(), "[0]");
});

test("An object that looks like markup but is not is never taken for markup", () => {
  const forged = { toString: () => "<script>" };
  // @ts-expect-error only `html` makes Html
  assert.equal(html`${forged}`.toString(), "&lt;script&gt;");
});

test("A page is one document with its escaped title, and names the form token only where given", () => {
  const page = renderPage({ title: "A <b>", body: html`<h1>x</h1>`, csrf: `t"k` });
  assert.match(page, /^<!doctype html>\n<html lang="en">/);
  assert.match(page, /<title>A &lt;b&gt; · Labelgate<\/title>/);
  assert.match(page, /<meta name="csrf-token" content="t&quot;k">/);
  assert.match(page, /<main id="main">\n<h1>x<\/h1>\n<\/main>/);
  assert.doesNotMatch(renderPage({ title: "x", body: html`` }), /csrf/);
});
