'use strict';

// The user's cookies as hooks see them: context._jar, in the shapes of the cookie jars of both
// generations of the reference. The engine owns the cookies; writes travel to it with the answer.

class Cookie {
  constructor([key, value, domain, path, hostOnly, secure, expires]) {
    this.key = key;
    this.value = value;
    this.domain = domain;
    this.path = path;
    this.hostOnly = hostOnly;
    this.secure = secure;
    this.expires = expires === null ? 'Infinity' : new Date(expires);
  }

  cookieString() {
    return `${this.key}=${this.value}`;
  }

  toString() {
    let text = this.cookieString();
    if (this.expires instanceof Date) text += `; Expires=${this.expires.toUTCString()}`;
    if (!this.hostOnly) text += `; Domain=${this.domain}`;
    text += `; Path=${this.path}`;
    return this.secure ? `${text}; Secure` : text;
  }
}

function belongsTo(cookie, url) {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const atHost = host === cookie.domain ||
    (!cookie.hostOnly && host.endsWith(`.${cookie.domain}`));
  const { path } = cookie;
  const below = url.pathname === path ||
    (url.pathname.startsWith(path) && (path.endsWith('/') || url.pathname[path.length] === '/'));
  return atHost && below && (!cookie.secure || url.protocol === 'https:');
}

class Jar {
  constructor(list) {
    this.cookies = [];
    this.written = [];
    this.update(list);
  }

  update(list) {
    this.cookies = list.map((one) => new Cookie(one));
  }

  // domain -> path -> name -> cookie, as the memory store of tough-cookie keeps it.
  get store() {
    const idx = {};
    for (const cookie of this.cookies) {
      const paths = (idx[cookie.domain] ??= {});
      (paths[cookie.path] ??= {})[cookie.key] = cookie;
    }
    return { idx };
  }

  get _jar() {
    return this;
  }

  getCookiesSync(url) {
    const address = new URL(url);
    return this.cookies.filter((cookie) => belongsTo(cookie, address))
      .sort((a, b) => b.path.length - a.path.length);
  }

  getCookieStringSync(url) {
    return this.getCookiesSync(url).map((cookie) => cookie.cookieString()).join('; ');
  }

  setCookieSync(cookie, url) {
    this.written.push([String(cookie), String(url)]);
    const [pair] = String(cookie).split(';');
    const at = pair.indexOf('=');
    if (at <= 0) return undefined;
    const address = new URL(url);
    const made = new Cookie([pair.slice(0, at).trim(), pair.slice(at + 1).trim(), address.hostname,
      /;\s*path=([^;]*)/i.exec(cookie)?.[1] ?? '/', true, /;\s*secure/i.test(cookie), null]);
    this.cookies = this.cookies.filter((one) => one.key !== made.key ||
      one.domain !== made.domain || one.path !== made.path);
    this.cookies.push(made);
    return made;
  }

  getCookies(url, ...rest) {
    return answer(rest, () => this.getCookiesSync(url));
  }

  getCookieString(url, ...rest) {
    return answer(rest, () => this.getCookieStringSync(url));
  }

  setCookie(cookie, url, ...rest) {
    return answer(rest, () => this.setCookieSync(cookie, url));
  }

  takeWritten() {
    const written = this.written;
    this.written = [];
    return written;
  }

  toJSON() {
    return { cookies: this.cookies };
  }
}

// By callback when there is one, else by promise; options before it are left alone.
function answer(rest, work) {
  const callback = rest.find((one) => typeof one === 'function');
  if (!callback) return new Promise((resolve) => resolve(work()));
  let value;
  try {
    value = work();
  } catch (error) {
    callback(error);
    return undefined;
  }
  callback(null, value);
  return undefined;
}

module.exports = { Jar, Cookie };
