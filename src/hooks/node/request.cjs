'use strict';

// The requestParams of hooks: made from the step as the script has it, compared with it afterwards.

const crypto = require('crypto');
const { fill, toText, isPlain } = require('./template.cjs');

// A property that is worked out when it is first looked at.
function lazy(object, key, make) {
  const become = (value) => Object.defineProperty(object, key,
    { value, writable: true, enumerable: true, configurable: true });
  Object.defineProperty(object, key, {
    enumerable: true,
    configurable: true,
    get() {
      const value = make();
      become(value);
      return value;
    },
    set: become,
  });
}

function clone(value) {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(clone);
  const copy = {};
  for (const key in value) copy[key] = clone(value[key]);
  return copy;
}

function same(a, b) {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]));
  }
  if (!isPlain(a) || !isPlain(b)) return false;
  let count = 0;
  for (const key in a) {
    if (!(key in b) || !same(a[key], b[key])) return false;
    ++count;
  }
  return count === Object.keys(b).length;
}

function withBase(url, target) {
  return typeof url === 'string' && url.startsWith('/') ? target + url : url;
}

// What a hook gets. `step`: {spec, method, timeout}; texts still hold their slots, as in the
// reference, but for the target, which is already put before the url.
function makeRequest(step, target) {
  const request = {};
  for (const key in step.spec) request[key] = clone(step.spec[key]);
  request.url = withBase(step.spec.url ?? step.spec.uri, target);
  request.method = step.method;
  request.timeout = step.timeout;
  request.uuid = crypto.randomUUID();
  if (!isPlain(request.headers)) request.headers = {};
  return request;
}

// [name, text] pairs as a form or query has them; a list gives its name once for each element.
function pairsOf(fields) {
  const pairs = [];
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) pairs.push([name, toText(one)]);
  }
  return pairs;
}

function formText(fields) {
  return new URLSearchParams(pairsOf(fields)).toString();
}

function multipart(fields) {
  const boundary = `slsart-${crypto.randomUUID()}`;
  let body = '';
  for (const [name, text] of pairsOf(fields)) {
    const quoted = name.replace(/"/g, '%22').replace(/\r?\n/g, '%0A');
    body += `--${boundary}\r\nContent-Disposition: form-data; name="${quoted}"\r\n\r\n${text}\r\n`;
  }
  return { body: `${body}--${boundary}--\r\n`, boundary };
}

class Edits {
  // request: after the hooks; step: as for makeRequest.
  constructor(request, step, world, vars, functions) {
    this.request = request;
    this.spec = step.spec;
    this.step = step;
    this.world = world;
    this.fill = (value) => fill(value, vars, functions);
    this.out = {};
  }

  changed(key) {
    return !same(this.request[key], this.spec[key]);
  }

  // The object for the answer, or undefined when nothing was changed.
  find() {
    this.findUrl();
    this.findHeaders();
    if (['json', 'body', 'form', 'formData'].some((key) => this.changed(key))) this.findBody();
    const { request, step, out } = this;
    if (this.changed('cookie')) out.k = pairsOf(this.filled('cookie') ?? {});
    if (this.changed('auth')) {
      const auth = this.filled('auth');
      out.a = isPlain(auth)
        ? [toText(auth.user ?? auth.username ?? ''), toText(auth.pass ?? auth.password ?? '')] : [];
    }
    if (request.method !== step.method) out.m = String(request.method).toUpperCase();
    if (request.timeout !== step.timeout) out.o = Number(request.timeout) || 0;
    if (this.changed('followRedirect')) out.f = request.followRedirect !== false;
    for (const key in out) return out;  // any
    return undefined;
  }

  filled(key) {
    this.request[key] = this.fill(this.request[key]);
    return this.request[key];
  }

  findUrl() {
    const { request, spec, world } = this;
    let url;
    if (request.uri !== undefined && request.uri !== spec.uri) {
      url = request.uri;
    } else if (request.url !== withBase(spec.url ?? spec.uri, world.target)) {
      url = request.url;
    }
    if (url !== undefined) this.out.u = toText(this.fill(url instanceof URL ? url.href : url));
    if (this.changed('qs')) this.out.q = pairsOf(this.filled('qs') ?? {});
  }

  findHeaders() {
    const before = this.spec.headers ?? {};
    const now = isPlain(this.request.headers) ? this.request.headers : {};
    const list = [];
    for (const name in now) {
      if (name in before && now[name] === before[name]) continue;
      const value = this.fill(now[name]);
      for (const one of Array.isArray(value) ? value : [value]) {
        list.push([name.toLowerCase(), one === undefined ? null : toText(one)]);
      }
    }
    for (const name in before) {
      if (!(name in now)) list.push([name.toLowerCase(), null]);
    }
    if (list.length > 0) this.out.h = list;
  }

  // Order of precedence as in scripts: json, body, form, formData.
  findBody() {
    const { request, out } = this;
    if (request.json !== undefined && request.json !== null && request.json !== '') {
      out.b = JSON.stringify(this.filled('json')) ?? null;
      out.t = 'application/json';
    } else if (Buffer.isBuffer(request.body) || request.body instanceof Uint8Array) {
      out.x = Buffer.from(request.body).toString('base64');
    } else if (request.body !== undefined && request.body !== null) {
      out.b = toText(this.filled('body'));
    } else if (isPlain(request.form)) {
      out.b = formText(this.filled('form'));
      out.t = 'application/x-www-form-urlencoded';
    } else if (isPlain(request.formData)) {
      const { body, boundary } = multipart(this.filled('formData'));
      out.b = body;
      out.t = `multipart/form-data; boundary=${boundary}`;
    } else {
      out.b = null;
    }
  }
}

module.exports = { makeRequest, Edits, lazy, same, clone };
