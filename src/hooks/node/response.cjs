'use strict';

// The response of afterResponse hooks.

const { lazy } = require('./request.cjs');

// Lines "name: value\r\n" as Node has headers: lower-case names, set-cookie always a list, other
// repeated ones joined.
function parseHeaders(text) {
  const headers = {};
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'set-cookie') {
      (headers[name] ??= []).push(value);
    } else {
      headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
    }
  }
  return headers;
}

// The parsed JSON, which as text is the JSON as received: JSON.parse(body) and body.field both
// work.
function readBoth(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  if (typeof value !== 'object' || value === null) return text;
  Object.defineProperty(value, 'toString', { value: () => text, configurable: true });
  return value;
}

function readParsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// An address as the old request library had it in response.request.uri.
function oldUri(href) {
  try {
    const url = new URL(href);
    const search = url.search || null;
    return {
      href,
      protocol: url.protocol,
      host: url.host,
      hostname: url.hostname,
      port: url.port || null,
      pathname: url.pathname,
      search,
      query: search && search.slice(1),
      path: url.pathname + url.search,
      hash: url.hash || null,
    };
  } catch {
    return { href };
  }
}

class Response {
  // bodies: 'text', 'parsed' or 'both', what becomes of JSON answers to requests that carry json.
  constructor({ status, url, headers, body, request, bodies }) {
    this.statusCode = status;
    this.url = url;
    lazy(this, 'headers', () => parseHeaders(headers));
    if (bodies === 'text' || !request.json) {
      this.body = body;
    } else {
      lazy(this, 'body', () => (bodies === 'both' ? readBoth(body) : readParsed(body)));
    }
    Object.defineProperty(this, 'sent', { value: request, enumerable: false });
  }

  // As in artillery 1: the request that was answered, after redirects.
  get request() {
    const uri = oldUri(this.url);
    return { uri, href: this.url, path: uri.path, method: this.sent.method,
      headers: this.sent.headers };
  }

  get ok() {
    return this.statusCode >= 200 && this.statusCode < 300;
  }
}

module.exports = { Response, parseHeaders };
